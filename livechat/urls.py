from django.urls import path

from livechat.views import chats, demo, public, sites, widget

urlpatterns = [
    path("", public.home, name="home"),
    path("widget.js", widget.loader, name="widget_loader"),
    path("widget/frame", widget.frame, name="widget_frame"),
    path("demo", demo.shop, name="demo"),
    path("demo/enter", demo.enter, name="demo_enter"),
    path("console/", chats.console_home, name="console"),
    path("console/chats", chats.chats, name="chats"),
    path("console/chats/list", chats.chat_list, name="chat_list"),
    path("console/chats/setup", chats.chat_setup, name="chat_setup"),
    path("console/chats/<uuid:chat_id>", chats.chat, name="chat"),
    path("console/chats/<uuid:chat_id>/lines", chats.chat_lines, name="chat_lines"),
    path("console/chats/<uuid:chat_id>/reply", chats.chat_reply, name="chat_reply"),
    path("console/chats/<uuid:chat_id>/close", chats.chat_close, name="chat_close"),
    path("console/sites", sites.sites, name="sites"),
    path("console/sites/new", sites.site_new, name="site_new"),
    path("console/sites/<uuid:site_id>", sites.site, name="site"),
    path("console/sites/<uuid:site_id>/seen", sites.site_seen, name="site_seen"),
    path("console/sites/<uuid:site_id>/name", sites.site_rename, name="site_rename"),
    path("console/sites/<uuid:site_id>/origins", sites.site_origins, name="site_origins"),
    path("console/sites/<uuid:site_id>/look", sites.site_look, name="site_look"),
]
