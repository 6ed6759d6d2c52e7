import type { Action } from '@/contract/v1/actions'
import { percent } from '@/domain/percent'

type Facts = Record<string, unknown>

export interface ActionWords {
  /** What was done, without who: “Changed the role of Ana Reis”. */
  done: string
  /** What it was and what it became, one line each. */
  changes: { name: string; before: string | null; after: string | null }[]
}

const settingNames: Record<string, string> = {
  name: 'Project name',
  mode: 'Mode',
  timeZone: 'Time zone',
  redactBeforeReview: 'Personal data out before review',
  'guardrails.confidenceThreshold': 'Least confidence',
  'guardrails.blockedPatterns': 'Blocked words',
  'guardrails.blockSensitiveTopics': 'Hold back on sensitive topics',
  'guardrails.maxLength': 'Longest suggestion',
  'guardrails.languages': 'Languages',
  'serving.holdbackShare': 'Left out to measure',
  'serving.explorationShare': 'Order drawn by lot',
  'serving.rollbackRules': 'Taken back by itself',
  mlflow: 'MLflow server',
  consentVersion: 'Wording agreed to',
  suggestionsOn: 'Suggestions',
  trainingAllowed: 'Training use',
  reference: 'Compared with',
  off: 'Rules that are off',
  least: 'Effects',
  webhook: 'Webhook',
  mail: 'Mail',
  breaker: 'Circuit breaker',
  acknowledgedAt: 'Seen',
  snoozedUntil: 'Silent until',
}

/** A stored value in words. */
function say(value: unknown): string {
  if (value === null || value === undefined) return 'none'
  if (typeof value === 'boolean') return value ? 'on' : 'off'
  if (Array.isArray(value)) return value.length === 0 ? 'none' : value.map(say).join(', ')
  if (typeof value === 'object') return Object.values(value).map(say).join(', ')
  return String(value)
}

function settingChanges(before: Facts | null, after: Facts | null): ActionWords['changes'] {
  const keys = [...new Set([...Object.keys(before ?? {}), ...Object.keys(after ?? {})])]
  return keys
    .flatMap(key => {
      const name = settingNames[key] ?? key
      const [was, is] = [before?.[key], after?.[key]]
      // Of what holds many settings, those that changed.
      if (isGroup(was) && isGroup(is))
        return settingChanges(was, is).map(inner => ({ ...inner, name: `${name}, ${inner.name}` }))
      return [
        {
          name,
          before: before && key in before ? say(was) : null,
          after: after && key in after ? say(is) : null,
        },
      ]
    })
    .filter(change => change.before !== change.after)
}

const isGroup = (value: unknown): value is Facts =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const roleChange = ({ before, after }: Action): ActionWords['changes'] => [
  { name: 'Role', before: before ? say(before.role) : null, after: after ? say(after.role) : null },
]

function stageChanges({ before, after }: Action): ActionWords['changes'] {
  const stages = (facts: Facts | null) => (facts?.stages ?? {}) as Facts
  const stage = (facts: Facts | null, id: string) => {
    const share = ((facts?.shares ?? {}) as Facts)[id]
    return `${say(stages(facts)[id])}${typeof share === 'number' ? `, ${percent(share)} of people` : ''}`
  }
  return Object.keys(stages(after)).map(id => ({
    name: id.slice(-6),
    before: stage(before, id),
    after: stage(after, id),
  }))
}

const causes: Record<string, string> = {
  'roll-back': ', rolling back',
  breach: ', rolling back by itself on a breached bound',
  retraining: ', at the end of a retraining',
}
const causeOf = ({ after }: Action) => causes[String((after?.cause as Facts | undefined)?.kind)] ?? ''

function ruleChanges({ before, after }: Action): ActionWords['changes'] {
  return settingChanges((before?.rules ?? {}) as Facts, (after?.rules ?? {}) as Facts)
}

const count = (value: unknown, one: string, many: string) => `${say(value)} ${value === 1 ? one : many}`
function erased({ after }: Action): ActionWords['changes'] {
  const versions = Number(after?.versionsOutOfService ?? 0)
  return [
    { name: 'Erased', before: count(after?.contentsErased, 'text', 'texts'), after: 'gone' },
    ...(versions > 0
      ? [{ name: 'Models', before: count(versions, 'version', 'versions'), after: 'out of service' }]
      : []),
  ]
}

const queueNames: Record<string, string> = { name: 'Name', state: 'State' }
/** Instructions are kept apart from history: it knows only that they changed. */
function queueChanges({ before, after }: Action): ActionWords['changes'] {
  return Object.keys(after ?? {}).map(key =>
    key === 'instructionsContentId'
      ? { name: 'Instructions', before: 'the former', after: 'the present' }
      : { name: queueNames[key] ?? key, before: say(before?.[key]), after: say(after?.[key]) },
  )
}

/** Its words are kept apart from history: it knows which version came, and what went back with it. */
function specificationWords({ before, after }: Action): ActionWords {
  const { version, restores, bulkId, takesBack } = after ?? {}
  return {
    done:
      restores === undefined
        ? `Published version ${say(version)} of the guideline`
        : `Brought back version ${say(restores)} of the guideline, as version ${say(version)}`,
    changes: [
      { name: 'In force', before: `version ${say(before?.version)}`, after: `version ${say(version)}` },
      ...(bulkId ? [{ name: 'Items', before: null, after: 'sent back to be judged again' }] : []),
      ...(takesBack
        ? [{ name: 'Items', before: 'sent back', after: 'as before, where still possible' }]
        : []),
    ],
  }
}

const named = (action: Action, otherwise: string) => action.target.name ?? otherwise
const someone = 'someone who is gone'
const key = (action: Action) => `the key “${named(action, 'without a name')}”`
const view = (action: Action) => `the view “${named(action, 'without a name')}”`
const invite = (action: Action) =>
  `${say((action.after ?? action.before)?.role)}${action.target.name ? `, for ${action.target.name}` : ''}`

const goldUse = (facts: Facts | null) => (facts?.use === 'practice' ? 'practice' : 'measuring')

/** What came of items, entered anew or in another's place. */
function outcomesDone(after: Facts | null): string {
  const [stored, corrected] = [Number(after?.stored ?? 0), Number(after?.corrected ?? 0)]
  const entered = `Entered what ${count(stored, 'item', 'items')} came to`
  if (corrected === 0) return entered
  return stored === 0
    ? `Corrected what ${count(corrected, 'item', 'items')} came to`
    : `${entered}, and corrected ${say(corrected)}`
}

const bulkDone =
  (does: (after: Facts) => string) =>
  (a: Action): ActionWords => ({
    done: does(a.after ?? {}),
    changes: a.after?.left
      ? [
          {
            name: 'Stayed',
            before: null,
            after: `${count(a.after.left, 'item', 'items')} that changed since`,
          },
        ]
      : [],
  })
const itemsOf = (after: Facts) => count(after.items, 'item', 'items')
const ofQueue = (action: Action) => (action.target.name ? ` ${action.target.name}` : '')

const phrases: Record<string, (action: Action) => ActionWords> = {
  'member.joined': a => ({ done: `${named(a, someone)} joined`, changes: roleChange(a) }),
  'member.removed': a => ({ done: `Removed ${named(a, someone)}`, changes: roleChange(a) }),
  'member.role-changed': a => ({ done: `Changed the role of ${named(a, someone)}`, changes: roleChange(a) }),
  'invite.made': a => ({ done: `Made an invite as ${invite(a)}`, changes: [] }),
  'invite.revoked': a => ({ done: `Revoked the invite as ${invite(a)}`, changes: [] }),
  'invite.reopened': a => ({ done: `Opened the invite as ${invite(a)} again`, changes: [] }),
  'key.made': a => ({
    done: `Made ${key(a)}`,
    changes: [
      { name: 'Scope', before: null, after: say(a.after?.scope) },
      ...(a.after?.origins ? [{ name: 'Pages', before: null, after: say(a.after.origins) }] : []),
    ],
  }),
  'key.revoked': a => ({
    done: `Revoked ${key(a)}`,
    changes: [{ name: 'Scope', before: say(a.before?.scope), after: null }],
  }),
  'settings.changed': a => ({ done: 'Changed settings', changes: settingChanges(a.before, a.after) }),
  'suggestions.paused': a => ({
    done: 'Paused suggestions',
    changes: [
      {
        name: 'Corrected or rejected',
        before: `at most ${percent(Number(a.after?.most ?? 0), 0)}`,
        after: `${say(a.after?.bad)} of ${say(a.after?.judged)}`,
      },
    ],
  }),
  'suggestions.resumed': () => ({ done: 'Let suggestions go on', changes: [] }),
  'monitor.changed': a => ({ done: 'Changed what is watched', changes: settingChanges(a.before, a.after) }),
  'alert.changed': a => ({
    done: a.after?.ownerId && !a.before?.ownerId ? 'Took an alert' : 'Changed an alert',
    changes: settingChanges(
      { acknowledgedAt: a.before?.acknowledgedAt, snoozedUntil: a.before?.snoozedUntil },
      { acknowledgedAt: a.after?.acknowledgedAt, snoozedUntil: a.after?.snoozedUntil },
    ),
  }),
  'consent.set': a => ({ done: 'Set their own consent', changes: settingChanges(a.before, a.after) }),
  'person.erased': a => ({ done: `Erased the data of ${named(a, someone)}`, changes: erased(a) }),
  'item.erased': a => ({ done: 'Erased the content of an item', changes: erased(a) }),
  'import.done': a => ({
    done: `Imported ${count(a.after?.stored, 'item', 'items')} from ${named(a, 'a file')}`,
    changes: [],
  }),
  'import.undone': a => ({
    done: `Took back the import of ${named(a, 'a file')}`,
    changes: [{ name: 'Erased', before: count(a.before?.stored, 'item', 'items'), after: 'gone' }],
  }),
  'outcomes.recorded': a => ({ done: outcomesDone(a.after), changes: [] }),
  'outcomes.withdrawn': a => ({
    done: `Took back what ${count(a.after?.outcomes, 'item', 'items')} came to`,
    changes: [],
  }),
  'outcomes.restored': a => ({
    done: `Put back what ${count(a.after?.outcomes, 'item', 'items')} came to`,
    changes: [],
  }),
  'gold.set': a => ({
    done: `Set what is right for an item, for ${goldUse(a.after)}`,
    changes: [],
  }),
  'gold.changed': () => ({ done: 'Changed what is right for an item', changes: [] }),
  'gold.retired': a => ({
    done: `Took an item out of what is known, for ${goldUse(a.before)}`,
    changes: [],
  }),
  'practice.waived': a => ({
    done: `Let somebody into the queue ${named(a, 'without a name')} without a pass of its practice`,
    changes: [],
  }),
  'practice.asked-again': a => ({
    done: `Asked for the practice of the queue ${named(a, 'without a name')} again`,
    changes: [],
  }),
  'dataset-card.written': a => ({
    done: `Wrote the card of ${named(a, 'a dataset')}`,
    changes: [{ name: 'Parts', before: null, after: say(a.after?.parts) }],
  }),
  'queue.made': a => ({ done: `Made the queue ${named(a, 'without a name')}`, changes: [] }),
  'queue.changed': a => ({
    done: `Changed the queue ${named(a, 'without a name')}`,
    changes: queueChanges(a),
  }),
  'queue.assigned': a => ({
    done: `Assigned ${count((a.after?.places as unknown[] | undefined)?.length, 'item', 'items')} of the queue ${named(a, 'without a name')}, or took that back`,
    changes: [],
  }),
  'items.tagged': bulkDone(after => `Tagged ${itemsOf(after)} “${say(after.tag)}”`),
  'items.untagged': bulkDone(after => `Took the tag “${say(after.tag)}” off ${itemsOf(after)}`),
  'items.excluded': bulkDone(after => `Kept ${itemsOf(after)} out of datasets`),
  'items.included': bulkDone(after => `Let ${itemsOf(after)} into datasets again`),
  'items.queued': a => bulkDone(after => `Put ${itemsOf(after)} into the queue${ofQueue(a)}`)(a),
  'items.unqueued': a => bulkDone(after => `Took ${itemsOf(after)} out of the queue${ofQueue(a)}`)(a),
  'items.redacted': bulkDone(after => `Took personal data out of ${itemsOf(after)}`),
  'items.unredacted': bulkDone(after => `Brought personal data back into ${itemsOf(after)}`),
  'view.saved': a => ({ done: `Saved ${view(a)}`, changes: [] }),
  'view.changed': a => ({ done: `Changed ${view(a)}`, changes: settingChanges(a.before, a.after) }),
  'view.archived': a => ({ done: `Archived ${view(a)}`, changes: [] }),
  'view.restored': a => ({ done: `Brought back ${view(a)}`, changes: [] }),
  'dataset.made': a => ({ done: `Made the dataset ${named(a, 'without a name')}`, changes: [] }),
  'dataset.archived': a => ({ done: `Archived the dataset ${named(a, 'without a name')}`, changes: [] }),
  'dataset.reopened': a => ({ done: `Brought back the dataset ${named(a, 'without a name')}`, changes: [] }),
  'dataset.changed': a => ({
    done: `Changed the dataset ${named(a, 'without a name')}`,
    changes: settingChanges(a.before, a.after),
  }),
  'dataset-version.frozen': a => ({
    done: `Froze ${named(a, 'a version')}`,
    changes: [{ name: 'Rows', before: null, after: say(a.after?.rows) }],
  }),
  'dataset-check.waived': a => ({
    done: `Waived a check of ${named(a, 'a version')}`,
    changes: [],
  }),
  'dataset-check.unwaived': a => ({ done: `Took a waiver of ${named(a, 'a version')} back`, changes: [] }),
  'dataset-version.given-up': a => ({ done: `Gave ${named(a, 'a version')} up`, changes: [] }),
  'dataset-version.withdrawn': a => ({ done: `Withdrew ${named(a, 'a version')}`, changes: [] }),
  'dataset-version.restored': a => ({ done: `Took ${named(a, 'a version')} back into use`, changes: [] }),
  'specification.published': specificationWords,
  'precedent.made': () => ({ done: 'Made a precedent', changes: [] }),
  'precedent.withdrawn': () => ({ done: 'Withdrew a precedent', changes: [] }),
  'precedent.restored': () => ({ done: 'Showed a precedent again', changes: [] }),
  'precedent.unshown': () => ({ done: 'Withdrew a precedent: what it was made of is gone', changes: [] }),
  'project.made': () => ({ done: 'Made the project', changes: [] }),
  'model.registered': a => ({ done: `Registered the model ${named(a, 'without a name')}`, changes: [] }),
  'model-version.registered': a => ({
    done: `${a.after?.mlflow ? 'Imported' : 'Registered'} ${named(a, 'a version')}${a.after?.mlflow ? ' from MLflow' : ''}`,
    changes: [],
  }),
  'model-version.logged': a => ({ done: `Logged ${named(a, 'a version')} to MLflow`, changes: [] }),
  'model-version.trained': a => ({
    done: `Trained ${named(a, 'a version')} with ${count(a.after?.rows, 'example', 'examples')}`,
    changes: [],
  }),
  'retraining.set': a => ({
    done: `Set when and how ${named(a, 'a model')} learns again`,
    changes: settingChanges((a.before?.wish ?? null) as Facts | null, (a.after?.wish ?? {}) as Facts),
  }),
  'retraining.started': a => ({ done: `Began to retrain ${named(a, 'a model')}`, changes: [] }),
  'gate.made': a => ({ done: `Made the gate ${named(a, 'without a name')}`, changes: [] }),
  'gate.changed': a => ({
    done: `Changed what the gate ${named(a, 'without a name')} asks`,
    changes: ruleChanges(a),
  }),
  'gate.archived': a => ({ done: `Archived the gate ${named(a, 'without a name')}`, changes: [] }),
  'gate.restored': a => ({ done: `Brought back the gate ${named(a, 'without a name')}`, changes: [] }),
  'gate.judged': a => ({
    done: `Judged ${named(a, 'a version')} by the gate ${say(a.after?.gate)}`,
    changes: [{ name: 'Outcome', before: null, after: say(a.after?.outcome).replaceAll('-', ' ') }],
  }),
  'gate.waived': a => ({
    done: `Let ${named(a, 'a version')} through the gate ${say(a.after?.gate)}`,
    changes: [],
  }),
  'gate.unwaived': a => ({
    done: `Took back that ${named(a, 'a version')} may pass the gate ${say(a.after?.gate)}`,
    changes: [],
  }),
  'example.shared': () => ({ done: 'Shared something learned with everybody', changes: [] }),
  'example.withdrawn': () => ({ done: 'Withdrew something learned from everybody', changes: [] }),
  'example.unshared': () => ({ done: 'Stopped sharing something: its ground was taken back', changes: [] }),
  'example.stood-again': () => ({ done: 'Shared something again: its ground stands again', changes: [] }),
  'model-version.stage-changed': a => ({ done: `Moved ${named(a, 'a version')}`, changes: stageChanges(a) }),
  'live-version.changed': a => ({
    done: `Changed which version answers, with ${named(a, 'a version')}${causeOf(a)}`,
    changes: stageChanges(a),
  }),
}

/** An action in words; one of a kind that has none is still told by its name and its facts. */
export function actionWords(action: Action): ActionWords {
  const phrase = Object.hasOwn(phrases, action.kind) ? phrases[action.kind] : undefined
  return (
    phrase?.(action) ?? {
      done: action.kind.replace(/[.-]/g, ' '),
      changes: settingChanges(action.before, action.after),
    }
  )
}
