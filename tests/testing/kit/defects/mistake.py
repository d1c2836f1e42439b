"""A mistake, and the names of the checks that may notice one."""

from __future__ import annotations

from attrs import frozen

WITHIN = "test_every_boundary_is_accepted"
BEYOND = "test_one_past_a_boundary_is_refused_with_field_value_and_bound"
REACHES = "test_every_spelled_parameter_reaches_exactly_its_target"
UNSENT = "test_what_is_not_given_is_not_sent"
TWICE = "test_planning_twice_gives_the_same_request"
#: No check at all: it is told where it is declared, so that nothing of it can be imported.
AT_ONCE = "told at once"
LOADS = "test_the_plugin_loads"
PURE = "test_registration_is_pure"
STARTS = "test_importing_starts_nothing"
LIGHT = "test_importing_is_light"
FACTS = "test_facts_carry_source_and_date"
ON_FILE = "test_facts_are_those_on_file"
REQUESTS = "test_requests_are_those_on_file"
REPLIES = "test_replies_become_what_is_on_file"
FROZEN = "test_values_are_frozen"
HASHABLE = "test_values_are_hashable"
PICKLED = "test_values_can_be_pickled"
CELLS = "test_every_cell_of_the_table_leads_to_its_pixels"
LOST = "test_a_lost_answer_is_outcome_unknown_and_never_sent_again"
FREE = "test_only_what_is_certainly_free_is_sent_again"
PROXY = "test_what_a_proxy_says_is_sent_once_and_may_have_been_charged"
ROW = "test_every_error_row_is_met"
SHOWS = "test_the_key_shows_nowhere"
QUOTED = "test_a_host_that_quotes_the_key_does_not_give_it_away"
ARRIVES = "test_the_key_arrives_where_the_host_declares_it"
NATIVE = "test_native_fields_arrive"
REFERRED = "test_each_reference_arrives_in_its_order"
FIELDS = "test_no_two_parameters_go_to_one_field"
LINK = "test_a_link_is_followed_without_the_key"
HOLDS = "test_prompt_and_model_arrive"
KIND = "test_a_body_is_of_the_type_it_says"
SPELLED = "test_every_spelling_is_of_a_parameter_that_exists"
ORDER = "test_pictures_come_in_their_order_and_are_measured"
BROKEN = "test_a_broken_picture_is_no_picture"
NONE = "test_an_answer_without_pictures_is_an_error"
SHAPES = "test_json_of_another_shape_is_unreadable"
INSIDE = "test_an_error_inside_a_success_is_an_error"
WAIT = "test_how_long_to_wait_is_told"
DONE = "test_a_job_is_made_once_and_asked_for_until_it_is_done"
LOOKED_PAST = "test_trouble_while_a_job_is_asked_for_is_looked_past"
ANYBODYS = "test_what_anybody_may_say_ends_no_job"
GOES_ON = "test_a_job_that_goes_on_goes_on_without_a_picture"
RESUMED = "test_a_job_that_is_not_done_in_time_can_be_resumed"
GONE = "test_a_job_that_the_host_does_not_know_any_more_may_have_been_charged"
ENDED = "test_a_job_that_failed_has_ended"
LOOKS = "test_a_look_at_a_job_is_a_free_get"
LEISURE = "test_a_job_has_an_id_and_is_asked_for_at_leisure"
STRANGER = "test_a_job_at_a_strangers_address_takes_no_key_there"
RELAXATIONS = "test_every_relaxation_has_a_reason_and_a_check"
#: About the distribution: most copies have none.
DISTRIBUTION = (
    "test_the_entry_point_names_the_module",
    "test_the_distribution_requires_imagekit",
    "test_types_are_shipped",
)


@frozen
class Defect:
    """What is replaced in the copy, the checks that notice, the one that says it best first, and
    part of what that says."""

    edits: dict[str, str]
    fails: tuple[str, ...]
    says: str = ""


def defect(edits: dict[str, str], *fails: str, says: str = "") -> Defect:
    return Defect(edits, fails, says)


def indented(body: str) -> str:
    return "".join(f"    {line}\n" for line in body.strip("\n").splitlines())
