import type { Permission } from './permission'

/**
 * What each page under `/p/{project}/` takes. Pages, navigation and the tests of every page × role read this table;
 * `[name]` stands for a part of the address that varies.
 */
export const pagePermissions = {
  '': 'project.view',
  inbox: 'inbox.use',
  album: 'album.use',
  demand: 'demand.use',
  'my-history': 'history.own',
  feedback: 'feedback.view',
  datasets: 'datasets.view',
  'datasets/[dataset]': 'datasets.view',
  'datasets/[dataset]/rows/[row]': 'datasets.view',
  models: 'models.view',
  outcomes: 'feedback.view',
  'models/compare': 'models.view',
  monitors: 'monitors.view',
  'monitors/another-order': 'monitors.view',
  'settings/monitors': 'settings.view',
  queues: 'queues.view',
  'queues/new': 'queues.manage',
  'queues/[queueId]': 'queues.work',
  'queues/[queueId]/agreement': 'queues.quality',
  adjudicate: 'queues.adjudicate',
  specification: 'specification.view',
  'queues/[queueId]/manage': 'queues.manage',
  'queues/gold': 'gold.manage',
  'queues/[queueId]/people': 'queues.quality',
  'my-figures': 'queues.work',
  learned: 'learning.share',
  import: 'items.import',
  members: 'members.view',
  history: 'actions.view',
  settings: 'settings.view',
  'settings/inspector': 'settings.view',
} as const satisfies Record<string, Permission>

/** The path of a project's page, without `/p/{project}/`. */
export type ProjectPage = keyof typeof pagePermissions
