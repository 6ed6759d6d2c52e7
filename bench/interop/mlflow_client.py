"""The other side of `mlflow.ts`: registers a version in an MLflow server, and reads what Amend logged to it."""

import json
import sys
import tempfile
from pathlib import Path

import mlflow
from mlflow import MlflowClient


class Nearest(mlflow.pyfunc.PythonModel):
    """A model that loads, so that what is registered is a real one."""

    def predict(self, context, model_input: list[str], params=None) -> list[str]:
        return ["Yes." for _ in model_input]


def register(training_sha256: str) -> None:
    client = MlflowClient()
    mlflow.set_experiment("Trained elsewhere")
    with mlflow.start_run(run_name="nearest") as run:
        mlflow.log_params({"neighbours": 5, "alpha": 0.1})
        mlflow.log_metrics({"val_accuracy": 0.81, "val_loss": 0.4})
        mlflow.set_tags({"team": "replies", "amend.training_dataset.sha256": training_sha256})
        mlflow.log_input(
            mlflow.data.from_pandas(__import__("pandas").DataFrame({"text": ["a", "b"]}), name="replies"),
            context="training",
        )
        logged = mlflow.pyfunc.log_model(name="model", python_model=Nearest())
    made = mlflow.register_model(logged.model_uri, "nearest-reply")
    client.update_model_version("nearest-reply", made.version, description="Says yes to everything.")
    client.set_registered_model_alias("nearest-reply", "champion", made.version)
    print(json.dumps({
        "version": made.version,
        "runId": run.info.run_id,
        "uri": client.get_model_version_download_uri("nearest-reply", made.version),
    }))


def read(experiment: str, expected_file: str) -> None:
    client = MlflowClient()
    expected = json.loads(Path(expected_file).read_text())
    found = client.get_experiment_by_name(experiment)
    runs = client.search_runs(
        [found.experiment_id], filter_string=f"tags.`amend.version_id` = '{expected['versionId']}'"
    )
    assert len(runs) == 1, f"{len(runs)} runs of one version"
    run = runs[0]
    assert run.info.run_id == expected["runId"]
    assert run.info.status == "FINISHED", run.info.status
    for key, value in expected["metrics"].items():
        assert abs(run.data.metrics[key] - value) < 1e-12, (key, run.data.metrics.get(key), value)
        assert len(client.get_metric_history(run.info.run_id, key)) == 1, f"{key} is stored more than once"
    for key, value in expected["tags"].items():
        assert run.data.tags.get(key) == value, (key, run.data.tags.get(key), value)
    for key, value in expected["params"].items():
        assert run.data.params.get(key) == value, (key, run.data.params.get(key), value)
    inputs = {one.tags[0].value: one.dataset for one in run.inputs.dataset_inputs}
    assert sorted(inputs) == sorted(expected["inputs"]), (sorted(inputs), expected["inputs"])
    for context, sha256 in expected["inputs"].items():
        assert inputs[context].digest == sha256[:32], (context, inputs[context].digest)
        assert json.loads(inputs[context].profile)["sha256"] == sha256
    with tempfile.TemporaryDirectory() as folder:
        card = json.loads(Path(client.download_artifacts(run.info.run_id, "amend/card.json", folder)).read_text())
        assert card["summary"] == expected["summary"], card
        if expected["metrics"]:
            report = Path(client.download_artifacts(run.info.run_id, "amend/evaluation.json", folder)).read_text()
            assert json.loads(report)["reportSha256"] == expected["tags"]["amend.evaluation.report_sha256"]
    assert expected["summary"] in run.data.tags["mlflow.note.content"]


def register_run(run_id: str) -> None:
    """Somebody registers a run that Amend logged: its card comes back whole."""
    client = MlflowClient()
    client.create_registered_model("from-amend")
    uri = f"{client.get_run(run_id).info.artifact_uri}/amend"
    client.create_model_version("from-amend", uri, run_id=run_id)


if __name__ == "__main__":
    {"register": register, "read": read, "register-run": register_run}[sys.argv[1]](*sys.argv[2:])
