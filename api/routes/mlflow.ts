import { idParams, projectParams } from '@/contract/v1/common'
import { importMlflowAnswer, importMlflowBody, logMlflowAnswer, logMlflowBody } from '@/contract/v1/mlflow'
import { importMlflowVersion } from '@/server/import-mlflow-version'
import { logToMlflow } from '@/server/log-to-mlflow'
import { projectRoute } from '../route'

export const mlflowRoutes = [
  projectRoute({
    method: 'post',
    path: '/projects/{project}/mlflow-imports',
    tag: 'Models',
    summary: 'Register a version that the project’s MLflow server holds; the same one again is found again',
    permission: 'models.manage',
    params: projectParams,
    body: importMlflowBody,
    answers: {
      200: { description: 'A candidate, or the version that it was imported as', schema: importMlflowAnswer },
    },
    handle: ({ scope, body }) => importMlflowVersion(scope, body),
  }),
  projectRoute({
    method: 'post',
    path: '/projects/{project}/model-versions/{id}/mlflow-run',
    tag: 'Models',
    summary:
      'Log a version to the project’s MLflow server: parameters, data, metrics with intervals, gate, card',
    permission: 'models.manage',
    params: idParams,
    body: logMlflowBody,
    answers: { 200: { description: 'Its run there; one a version', schema: logMlflowAnswer } },
    handle: ({ scope, params, body }) => logToMlflow(scope, params.id, body),
  }),
]
