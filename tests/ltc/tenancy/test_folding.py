"""Migrations are made so that each table is made once."""

from django.db import models
from django.db.migrations.operations import AddConstraint, AddField, AddIndex, CreateModel
from django.db.migrations.operations.base import Operation

from ltc.tenancy.folding import folded

ID = [("id", models.BigAutoField(primary_key=True)), ("word", models.CharField(max_length=9))]
INDEX = models.Index(fields=["word"], name="words")
RULE = models.CheckConstraint(condition=models.Q(word__gt=""), name="has_a_word")


def test_indexes_and_constraints_go_into_their_table():
    before: list[Operation] = [
        CreateModel("Lead", fields=ID),
        CreateModel("Order", fields=ID),
        AddIndex("lead", INDEX),
        AddConstraint("lead", RULE),
    ]
    lead, order = folded(before, "sales")
    assert isinstance(lead, CreateModel)
    assert isinstance(order, CreateModel)
    assert lead.options == {"indexes": [INDEX], "constraints": [RULE]}
    assert order.options == {}


def test_what_needs_a_later_column_waits_for_it():
    before: list[Operation] = [
        CreateModel("Lead", fields=ID),
        AddField("lead", "owner", models.IntegerField(default=0)),
        AddIndex("lead", INDEX),
    ]
    assert folded(before, "sales") == before


def test_a_table_of_an_earlier_migration_is_altered():
    before: list[Operation] = [AddIndex("lead", INDEX)]
    assert folded(before, "sales") == before
