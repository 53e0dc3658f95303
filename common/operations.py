"""Operations of migrations on large tables: beside those who write, and on both databases."""

from django.contrib.postgres import operations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations import AddIndex, AlterField
from django.db.migrations.state import ProjectState


class AddIndexConcurrently(operations.AddIndexConcurrently):
    """Add an index without locking its table on PostgreSQL; SQLite, with one writer, adds it.

    The migration must say `atomic = False`.
    """

    def database_forwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        if schema_editor.connection.vendor == "postgresql":
            super().database_forwards(app_label, schema_editor, from_state, to_state)
        else:
            plain = AddIndex(self.model_name, self.index)
            plain.database_forwards(app_label, schema_editor, from_state, to_state)

    def database_backwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        if schema_editor.connection.vendor == "postgresql":
            super().database_backwards(app_label, schema_editor, from_state, to_state)
        else:
            plain = AddIndex(self.model_name, self.index)
            plain.database_backwards(app_label, schema_editor, from_state, to_state)


class DropIndexOfKey(AlterField):
    """Take a foreign key's own index away: the field that is given says `db_index=False`.

    `AlterField` would check the whole table's keys again under a lock, drop every other index of
    that one column with it (a unique one, too), and on SQLite write the table anew. The migration
    must say `atomic = False`.
    """

    def database_forwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        model = from_state.apps.get_model(app_label, self.model_name)
        column = model._meta.get_field(self.name).column
        name = schema_editor._create_index_name(  # type: ignore[attr-defined]
            model._meta.db_table, [column]
        )
        how = "CONCURRENTLY " if schema_editor.connection.vendor == "postgresql" else ""
        schema_editor.execute(f"DROP INDEX {how}IF EXISTS {schema_editor.quote_name(name)}")

    def database_backwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        model = to_state.apps.get_model(app_label, self.model_name)
        index = schema_editor._create_index_sql(  # type: ignore[attr-defined]
            model, fields=[model._meta.get_field(self.name)]
        )
        schema_editor.execute(index)
