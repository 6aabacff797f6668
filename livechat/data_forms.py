"""What an owner says of how long chats are kept."""

from django import forms

from accounts.actions.keeping import OUT_OF_RANGE
from accounts.keeping import FEWEST_DAYS, MOST_DAYS, USUAL_DAYS
from accounts.models import Workspace
from livechat.forms import PlainForm

FOR_EVER, BY_RULE = "for_ever", "days"


class RuleForm(PlainForm):
    """`cleaned_days` after `is_valid()`: the number of days, or None for ever."""

    how = forms.ChoiceField(choices=[(FOR_EVER, "For ever"), (BY_RULE, "For a number of days")])
    days = forms.IntegerField(
        label="Days",
        required=False,
        min_value=FEWEST_DAYS,
        max_value=MOST_DAYS,
        error_messages=dict.fromkeys(("invalid", "min_value", "max_value"), OUT_OF_RANGE),
    )

    def clean(self) -> None:
        said = self.cleaned_data
        if said.get("how") == BY_RULE and said.get("days") is None and "days" not in self.errors:
            self.add_error("days", OUT_OF_RANGE)

    @property
    def cleaned_days(self) -> int | None:
        found: int | None = self.cleaned_data["days"]
        return found if self.cleaned_data["how"] == BY_RULE else None


def rule_of(workspace: Workspace) -> RuleForm:
    how = FOR_EVER if workspace.keep_days is None else BY_RULE
    return RuleForm(initial={"how": how, "days": workspace.keep_days or USUAL_DAYS})
