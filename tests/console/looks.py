"""What a browser sends when an owner saves the look of a site."""

LOOK = {
    "title": "Ask Acme",
    "greeting": "Good morning.",
    "colour": "#0F766E",
    "theme": "dark",
    "corner": "left",
    "shape": "label",
    "icon": "smile",
    "label": "Ask us",
    "side": "32",
    "bottom": "80",
    "layer": "900",
    "faces": "on",
    "on_phones": "on",
}
