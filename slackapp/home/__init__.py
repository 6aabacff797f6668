"""The app's own page in Slack (S17): what each person sees there, written whenever they look or something moves.

`app_home_opened` and whatever changes leave a moment in the person's row (`rows.HomeTab`): one open promise for each
person, however much happens. A worker of the installation's own lane reads what they may see (`viewers`, `reading`),
makes blocks of it (`pages`), and publishes it if it differs from what stands there (`publishing`).
"""
