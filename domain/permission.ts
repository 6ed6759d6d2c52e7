/** Roles of a person in a project, weakest first. */
export const roles = ['viewer', 'contributor', 'annotator', 'curator', 'owner'] as const
export type Role = (typeof roles)[number]

/** What each role is for, in words for invites and the members page. */
export const roleMeanings: Record<Role, string> = {
  viewer: 'Sees feedback, items and models. Downloads nothing.',
  contributor: 'Uses the inbox, the album or the forecasts, gives feedback, sees and undoes their own.',
  annotator: 'Contributes, and works through review queues.',
  curator: 'Annotates and studies, downloads, and may undo anyone’s feedback.',
  owner: 'Runs the project: people, keys, settings, what goes live, erasure.',
}

/** Scopes of an API key, weakest first. A `publish` key is no secret: it lies in a page and speaks for one person at a time. */
export const keyScopes = ['publish', 'read', 'write', 'admin'] as const
export type KeyScope = (typeof keyScopes)[number]

interface Grant {
  roles: readonly Role[]
  scopes: readonly KeyScope[]
  /** Plain words for refusals and the members page. */
  does: string
}

const members = roles
const contributors: readonly Role[] = ['contributor', 'annotator', 'curator', 'owner']
const annotators: readonly Role[] = ['annotator', 'curator', 'owner']
const readers: readonly Role[] = ['viewer', 'curator', 'owner']
const curators: readonly Role[] = ['curator', 'owner']
const owners: readonly Role[] = ['owner']
const anyKey: readonly KeyScope[] = ['read', 'write', 'admin']
const writeKeys: readonly KeyScope[] = ['write', 'admin']
/** What a page of another site needs for the person in front of it. */
const pageKeys: readonly KeyScope[] = ['publish', 'write', 'admin']
const pageOrAnyKey = keyScopes
/** Only where a signed pseudonym says who the person is. */
const pageKeysAlone: readonly KeyScope[] = ['publish']
const adminKeys: readonly KeyScope[] = ['admin']
const noKey: readonly KeyScope[] = []

/**
 * The one table of who may do what. Routes, pages and the test matrix all read it.
 * A permission ending in `.own` reaches only what the caller made.
 */
export const permissions = {
  'project.view': { roles: members, scopes: anyKey, does: 'open the project' },
  'inbox.use': { roles: contributors, scopes: writeKeys, does: 'use the inbox' },
  'album.use': { roles: contributors, scopes: writeKeys, does: 'use the album' },
  'demand.use': { roles: contributors, scopes: writeKeys, does: 'use the forecasts' },
  'suggest.run': { roles: contributors, scopes: pageKeys, does: 'ask for suggestions' },
  'exposures.own': { roles: members, scopes: pageOrAnyKey, does: 'see why they were shown something' },
  'feedback.record': { roles: contributors, scopes: pageKeys, does: 'give feedback' },
  'history.own': { roles: members, scopes: pageKeysAlone, does: 'see and undo what they did' },
  'data.own': { roles: members, scopes: pageKeysAlone, does: 'download and erase their own data' },
  'notices.own': { roles: members, scopes: pageKeys, does: 'read what changed for them' },
  'consent.own': { roles: members, scopes: pageKeysAlone, does: 'set their own consent' },
  'feedback.view': { roles: readers, scopes: anyKey, does: 'study feedback' },
  'feedback.download': { roles: curators, scopes: anyKey, does: 'download feedback' },
  'feedback.undo-any': { roles: curators, scopes: adminKeys, does: "undo anyone's feedback" },
  'views.manage': { roles: curators, scopes: writeKeys, does: 'save and change views and slices' },
  'datasets.view': { roles: readers, scopes: anyKey, does: 'see datasets and their versions' },
  'datasets.manage': { roles: curators, scopes: writeKeys, does: 'save and change datasets' },
  'datasets.freeze': { roles: curators, scopes: writeKeys, does: 'freeze versions of datasets' },
  'datasets.download': { roles: curators, scopes: anyKey, does: 'download versions of datasets' },
  'datasets.waive': { roles: owners, scopes: adminKeys, does: 'waive what the checks of a version found' },
  'items.view': { roles: readers, scopes: anyKey, does: 'look at items' },
  'items.bring': { roles: contributors, scopes: pageKeys, does: 'bring items of their own' },
  'items.create': { roles: curators, scopes: writeKeys, does: 'add items' },
  'outcomes.record': { roles: curators, scopes: writeKeys, does: 'record what came of items' },
  'items.mark': {
    roles: curators,
    scopes: writeKeys,
    does: 'tag, queue, exclude and redact items',
  },
  'items.import': { roles: curators, scopes: writeKeys, does: 'import items from a file' },
  'jobs.view': { roles: curators, scopes: anyKey, does: 'see jobs and how far they are' },
  'jobs.cancel': { roles: curators, scopes: writeKeys, does: 'cancel a job' },
  'items.erase': { roles: owners, scopes: adminKeys, does: "erase an item's content" },
  'media.view': { roles: members, scopes: anyKey, does: 'look at pictures of items they may see' },
  'media.create': { roles: contributors, scopes: writeKeys, does: 'upload pictures' },
  'queues.view': { roles: annotators, scopes: anyKey, does: 'see review queues' },
  'queues.work': { roles: annotators, scopes: writeKeys, does: 'review items of a queue' },
  'queues.manage': { roles: curators, scopes: writeKeys, does: 'make, change and fill review queues' },
  'queues.adjudicate': { roles: curators, scopes: writeKeys, does: 'settle items that people disagree on' },
  'queues.quality': { roles: curators, scopes: anyKey, does: 'see agreement, gold and bias of queues' },
  'gold.manage': { roles: curators, scopes: writeKeys, does: 'set items whose truth is known' },
  'specification.view': { roles: annotators, scopes: anyKey, does: 'read the guideline and its versions' },
  'specification.manage': {
    roles: curators,
    scopes: writeKeys,
    does: 'change the guideline and the reasons',
  },
  'monitors.view': { roles: readers, scopes: anyKey, does: 'see monitors and alerts' },
  'monitors.manage': { roles: curators, scopes: writeKeys, does: 'take, silence and settle alerts' },
  'models.view': { roles: readers, scopes: anyKey, does: 'see models and their cards' },
  'models.manage': { roles: curators, scopes: adminKeys, does: 'register models and versions' },
  'evaluations.run': { roles: curators, scopes: writeKeys, does: 'measure versions on frozen datasets' },
  'models.promote': { roles: owners, scopes: adminKeys, does: 'put a version live or take it back' },
  'gates.manage': { roles: owners, scopes: adminKeys, does: 'set what versions must pass' },
  'gates.judge': { roles: curators, scopes: writeKeys, does: 'hold versions against a gate' },
  'learning.share': { roles: curators, scopes: adminKeys, does: 'share what people taught with everybody' },
  'predictions.push': { roles: curators, scopes: writeKeys, does: 'push predictions' },
  'actions.view': { roles: curators, scopes: adminKeys, does: "see the project's history" },
  'actions.undo': { roles: curators, scopes: adminKeys, does: 'undo an action they may do themselves' },
  'members.view': { roles: members, scopes: noKey, does: 'see who is in the project' },
  'members.manage': { roles: owners, scopes: noKey, does: 'invite people and change roles' },
  'keys.manage': { roles: owners, scopes: noKey, does: 'make and revoke API keys' },
  'settings.view': { roles: curators, scopes: adminKeys, does: 'see settings' },
  'settings.manage': { roles: owners, scopes: adminKeys, does: 'change settings and guardrails' },
  'people.erase': { roles: owners, scopes: adminKeys, does: "erase a person's data" },
  'project.delete': { roles: owners, scopes: noKey, does: 'delete the project' },
} as const satisfies Record<string, Grant>

export type Permission = keyof typeof permissions

export function roleMay(role: Role, permission: Permission): boolean {
  return (permissions[permission].roles as readonly Role[]).includes(role)
}

export function scopeMay(scope: KeyScope, permission: Permission): boolean {
  return (permissions[permission].scopes as readonly KeyScope[]).includes(scope)
}

/** "Curators and owners may …", for a refusal that says whom to ask. */
export function whoMay(permission: Permission): string {
  const names = permissions[permission].roles.map(role => `${role}s`)
  return names.length === 1 ? (names[0] ?? '') : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`
}
