import { idParams } from '@/contract/v1/common'
import {
  alertList,
  changeAlertAnswer,
  changeAlertBody,
  changeWatchAnswer,
  changeWatchBody,
  counterfactualAnswer,
  counterfactualQuery,
  guardrailPreview,
  monitorParams,
  monitorsQuery,
  monitorView,
  oddsQuery,
  oddsView,
  previewGuardrailsBody,
  resumeAnswer,
  watchSettings,
} from '@/contract/v1/monitors'
import { changeAlert } from '@/server/change-alert'
import { changeWatch, describeWatch } from '@/server/change-watch'
import { estimatePolicy } from '@/server/estimate-policy'
import { listAlerts } from '@/server/list-alerts'
import { resumeSuggestions } from '@/server/pause-suggestions'
import { previewGuardrails } from '@/server/preview-guardrails'
import { readMonitors } from '@/server/read-monitors'
import { readOdds } from '@/server/read-odds'
import { projectRoute } from '../route'

export const monitorRoutes = [
  projectRoute({
    method: 'get',
    path: '/projects/{project}/monitors',
    tag: 'Monitors',
    summary: 'Service, data, proxies and truth over time, by version, arm and slice; kept, not counted now',
    permission: 'monitors.view',
    params: monitorParams,
    query: monitorsQuery,
    answers: { 200: { description: 'What is kept of these days', schema: monitorView } },
    handle: ({ scope, query }) => readMonitors(scope, query),
  }),
  projectRoute({
    method: 'get',
    path: '/projects/{project}/monitors/odds',
    tag: 'Monitors',
    summary: 'Equalised odds by group: right and wrong suggestions that reach people, with gaps',
    permission: 'monitors.view',
    params: monitorParams,
    query: oddsQuery,
    answers: { 200: { description: 'From the newest evaluation of the version', schema: oddsView } },
    handle: ({ scope, query }) => readOdds(scope, query.version),
  }),
  projectRoute({
    method: 'get',
    path: '/projects/{project}/monitors/counterfactual',
    tag: 'Monitors',
    summary:
      'What another first suggestion would have earned, from logged probabilities; refused without them',
    permission: 'monitors.view',
    params: monitorParams,
    query: counterfactualQuery,
    answers: { 200: { description: 'The estimate, or why there is none', schema: counterfactualAnswer } },
    handle: ({ scope, query }) => estimatePolicy(scope, query),
  }),
  projectRoute({
    method: 'get',
    path: '/projects/{project}/alerts',
    tag: 'Monitors',
    summary: 'Alerts: what fires now, and what was over last',
    permission: 'monitors.view',
    params: monitorParams,
    answers: { 200: { description: 'Alerts with their figures and what to do', schema: alertList } },
    handle: ({ scope }) => listAlerts(scope),
  }),
  projectRoute({
    method: 'patch',
    path: '/projects/{project}/alerts/{id}',
    tag: 'Monitors',
    summary: 'Take an alert, acknowledge it, or silence it for a while; undoable',
    permission: 'monitors.manage',
    params: idParams,
    body: changeAlertBody,
    answers: { 200: { description: 'As it is now; undo it by its action', schema: changeAlertAnswer } },
    handle: ({ scope, params, body }) => changeAlert(scope, params.id, body),
  }),
  projectRoute({
    method: 'get',
    path: '/projects/{project}/monitors/settings',
    tag: 'Monitors',
    summary: 'What is watched, against what, and who is told',
    permission: 'settings.view',
    params: monitorParams,
    answers: { 200: { description: 'The settings in force', schema: watchSettings } },
    handle: ({ scope }) => describeWatch(scope),
  }),
  projectRoute({
    method: 'patch',
    path: '/projects/{project}/monitors/settings',
    tag: 'Monitors',
    summary: 'Change what is watched and who is told; undoable',
    permission: 'settings.manage',
    params: monitorParams,
    body: changeWatchBody,
    answers: {
      200: {
        description: 'The settings after it; a new webhook tells its secret once',
        schema: changeWatchAnswer,
      },
    },
    handle: ({ scope, body }) => changeWatch(scope, body),
  }),
  projectRoute({
    method: 'post',
    path: '/projects/{project}/suggestions/resume',
    tag: 'Monitors',
    summary: 'Let suggestions go on after the circuit breaker paused them; undoable',
    permission: 'settings.manage',
    params: monitorParams,
    answers: { 200: { description: 'They go on; undo it by its action', schema: resumeAnswer } },
    handle: ({ scope }) => resumeSuggestions(scope),
  }),
  projectRoute({
    method: 'post',
    path: '/projects/{project}/settings/guardrails/preview',
    tag: 'Settings',
    summary: 'What other guardrails would have done to past exposures; changes nothing',
    permission: 'settings.view',
    params: monitorParams,
    body: previewGuardrailsBody,
    answers: { 200: { description: 'How many of how many', schema: guardrailPreview } },
    handle: ({ scope, body }) => previewGuardrails(scope, body),
  }),
]
