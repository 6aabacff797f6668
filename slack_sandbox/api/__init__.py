"""The Web API: one module per family of methods. A new family registers itself by being imported in `server`."""
