"""What a website's server does to sign who is logged in, in a few lines that need nothing installed (W14)."""

from livechat.models import Site

_PYTHON = """
import base64, hashlib, hmac, json, os, time

def chat_token(user):
    def part(raw):
        return base64.urlsafe_b64encode(raw).rstrip(b"=")
    now = int(time.time())
    header = {"alg": "HS256", "typ": "JWT", "kid": "KID"}
    claims = {"sub": str(user.id), "name": user.name, "email": user.email,
              "aud": "SITE", "iat": now, "exp": now + 3600}
    signed = part(json.dumps(header).encode()) + b"." + part(json.dumps(claims).encode())
    secret = os.environ["THREADBELL_SECRET"].encode()
    return (signed + b"." + part(hmac.digest(secret, signed, hashlib.sha256))).decode()
"""
_NODE = """
const crypto = require("node:crypto");

function chatToken(user) {
  const part = (value) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const now = Math.floor(Date.now() / 1000);
  const header = { alg: "HS256", typ: "JWT", kid: "KID" };
  const claims = { sub: String(user.id), name: user.name, email: user.email,
                   aud: "SITE", iat: now, exp: now + 3600 };
  const signed = part(header) + "." + part(claims);
  const mac = crypto.createHmac("sha256", process.env.THREADBELL_SECRET).update(signed);
  return signed + "." + mac.digest("base64url");
}
"""
_PHP = """
function chat_token($user) {
    $part = fn($raw) => rtrim(strtr(base64_encode($raw), '+/', '-_'), '=');
    $now = time();
    $header = ['alg' => 'HS256', 'typ' => 'JWT', 'kid' => 'KID'];
    $claims = ['sub' => (string) $user->id, 'name' => $user->name, 'email' => $user->email,
               'aud' => 'SITE', 'iat' => $now, 'exp' => $now + 3600];
    $signed = $part(json_encode($header)) . '.' . $part(json_encode($claims));
    return $signed . '.' . $part(hash_hmac('sha256', $signed, getenv('THREADBELL_SECRET'), true));
}
"""
_RUBY = """
require "base64"
require "json"
require "openssl"

def chat_token(user)
  part = ->(raw) { Base64.urlsafe_encode64(raw, padding: false) }
  now = Time.now.to_i
  header = { alg: "HS256", typ: "JWT", kid: "KID" }
  claims = { sub: user.id.to_s, name: user.name, email: user.email,
             aud: "SITE", iat: now, exp: now + 3600 }
  signed = "#{part.(header.to_json)}.#{part.(claims.to_json)}"
  "#{signed}.#{part.(OpenSSL::HMAC.digest("SHA256", ENV.fetch("THREADBELL_SECRET"), signed))}"
end
"""
_LANGUAGES = {"Python": _PYTHON, "Node": _NODE, "PHP": _PHP, "Ruby": _RUBY}


def of(site: Site, kid: str) -> dict[str, str]:
    """By language; `kid` is that of the key to sign with. None holds a secret."""
    return {
        language: sample.strip().replace("KID", kid).replace("SITE", site.public_token)
        for language, sample in _LANGUAGES.items()
    }
