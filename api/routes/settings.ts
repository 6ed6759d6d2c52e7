import { projectParams } from '@/contract/v1/common'
import { changeSettingsAnswer, changeSettingsBody, settings } from '@/contract/v1/settings'
import { changeSettings, describeSettings } from '@/server/change-settings'
import { projectRoute } from '../route'

export const settingsRoutes = [
  projectRoute({
    method: 'get',
    path: '/projects/{project}/settings',
    tag: 'Settings',
    summary: 'Mode, harm class, guardrails, time zone',
    permission: 'settings.view',
    params: projectParams,
    answers: { 200: { description: 'The settings in force', schema: settings } },
    handle: async ({ scope }) => describeSettings(scope.project),
  }),
  projectRoute({
    method: 'patch',
    path: '/projects/{project}/settings',
    tag: 'Settings',
    summary: 'Change settings; undoable',
    permission: 'settings.manage',
    params: projectParams,
    body: changeSettingsBody,
    answers: { 200: { description: 'The settings after it', schema: changeSettingsAnswer } },
    handle: ({ scope, body }) => changeSettings(scope, body),
  }),
]
