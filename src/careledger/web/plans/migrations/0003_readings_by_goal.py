"""Readings are looked up by their goal."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("plans", "0002_versions_signatures_readings")]

    operations = [
        migrations.AddIndex(
            model_name="reading",
            index=models.Index(fields=["organisation", "goal", "on"], name="reading_by_goal"),
        ),
    ]
