"""Tests that try every refusal and every order of a feature. They would keep `bin/test` waiting: `--all` runs them.

Each feature keeps a file outside of this list, which says on every run whether it works at all.
"""

THOROUGH = frozenset(
    f"tests/{name}.py"
    for name in """
    billing/test_keeping_in_step_with_stripe billing/test_whatever_stripe_documents billing/test_telling_once
    billing/test_paying_when_something_breaks
    console/test_looks_that_are_refused
    console/test_attaching_files console/test_filtering_chats console/test_taking_chats_along security/test_two_tenants
    livechat/test_letting_old_chats_go livechat/test_making_pictures_harmless
    livechat/test_taking_data_out accounts/test_inviting_somebody accounts/test_the_audit_log
    console/test_reading_the_audit_log console/test_who_may_open_what
    slack_sandbox/test_files slack_sandbox/test_signing_in
    stripe_sandbox/test_any_call stripe_sandbox/test_restarting
    stripe_sandbox/test_calling_the_api stripe_sandbox/test_living_by_the_clock stripe_sandbox/test_repeating_a_call
    stripe_sandbox/test_shapes_of_answers stripe_sandbox/test_the_portal stripe_sandbox/test_webhooks
    slackapp/test_a_channel_slack_refuses slackapp/test_a_channel_that_ends slackapp/test_adding_that_fails
    slackapp/test_answers_that_come_late slackapp/test_any_order_of_events slackapp/test_any_order_of_files
    slackapp/test_any_order_of_waiting slackapp/test_bringing_files_from_slack
    slackapp/test_buttons_of_a_card
    slackapp/test_catching_up_after_an_outage
    slackapp/test_blocking_from_slack slackapp/test_snoozing_from_slack
    slackapp/test_catching_up_slowly
    slackapp/test_changing_an_answer_in_slack slackapp/test_channels_in_trouble
    slackapp/test_copies_follow_their_message
    slackapp/test_erasing_what_is_under_way slackapp/test_erasing_where_a_chat_was
    slackapp/test_erasing_a_visitor slackapp/test_every_answer_slack_documents
    slackapp/test_every_event_slack_documents slackapp/test_files_shared_late
    slackapp/test_forgetting_a_slack_team
    slackapp/test_home_tabs_that_change slackapp/test_who_sees_what_at_home
    slackapp/test_home_tabs_slack_refuses slackapp/test_saying_at_home_who_is_there
    slackapp/test_hearing_over_a_socket slackapp/test_hostile_words_in_slack slackapp/test_keeping_a_line_inside
    slackapp/test_keys_that_end slackapp/test_taking_and_joining slackapp/test_what_a_line_ever_said
    slackapp/test_files_that_are_fetched_no_more slackapp/test_looking_it_up slackapp/test_pictures_from_slack
    slackapp/test_keys_that_slack_calls_dead
    slackapp/test_linking_from_slack slackapp/test_previews_in_trouble
    slackapp/test_previews_of_erased_visitors slackapp/test_previews_that_lose_words
    slackapp/test_logging_in_with_slack slackapp/test_notes_through_every_event slackapp/test_old_chats_leave_slack
    slackapp/test_reminders_of_every_kind
    slackapp/test_managing_a_chat_in_a_form
    slackapp/test_opening_the_channel slackapp/test_proving_by_slack slackapp/test_organisations
    slackapp/test_parting_with_chats_open slackapp/test_people_of_an_organisation
    slackapp/test_places_that_change_in_the_middle slackapp/test_pressing_buttons slackapp/test_receipts_in_slack
    slackapp/test_saved_replies_in_a_thread
    slackapp/test_settings_in_slack slackapp/test_showing_open_chats
    slackapp/test_sharing_a_slack_team slackapp/test_sharing_a_visitors_files slackapp/test_slack_in_trouble
    slackapp/test_two_customers_in_one_channel
    slackapp/test_who_hears_of_trouble
    slackapp/test_commands_about_chats slackapp/test_commands_about_who_is_there
    slackapp/test_what_slack_wants_answered_at_once
    slackapp/test_who_answers slackapp/test_who_is_there
    accounts/test_ending_a_workspace accounts/test_leaving_for_good accounts/test_two_at_once
    database/test_killing_quiet_work accounts/test_the_operators_admin accounts/test_seeing_what_somebody_sees
    widget/test_packed
    """.split()
)
