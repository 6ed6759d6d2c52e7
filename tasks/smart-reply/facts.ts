import type { TaskFacts } from '../task-type'

/** What is known of smart replies without loading the task. */
export const smartReplyFacts = {
  id: 'smart-reply',
  label: 'Smart reply',
  harmClass: 'low',
  allowedModes: ['augment', 'prompt'],
  usePage: 'inbox',
  sends: true,
  fromTables: true,
  readsText: true,
  chats: true,
  perturbations: ['typos', 'case', 'language'],
} as const satisfies TaskFacts
