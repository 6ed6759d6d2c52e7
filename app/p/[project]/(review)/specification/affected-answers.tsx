'use client'
import { Checkbox } from '@/components/ui/checkbox'
import { SelectField } from '@/components/ui/select-field'
import type { Affected, SpecificationPreview } from '@/contract/v1/specification'
import styles from './specification.module.css'
import type { SpecificationDraft } from './specification-draft'

const said = (n: number, one: string, many = `${one}s`) => `${n} ${n === 1 ? one : many}`
const none = 'none'

const toggled = (all: readonly string[], one: string, on: boolean) =>
  on ? [...all, one] : all.filter(other => other !== one)

const rowsHeld = (versions: Affected['versions']) =>
  versions.map(({ dataset, number, rows }) => `${said(rows, 'row')} of “${dataset}” v${number}`).join(', ')

/** One sentence on what publishing does. */
function consequence(
  preview: SpecificationPreview,
  draft: SpecificationDraft,
  wordsOf: (code: string) => string,
): string {
  const { changes, codes, sentBack, version } = preview
  const parts = [`makes version ${version}`]
  const reasons = changes.added.length + changes.renamed.length
  if (reasons > 0) parts.push(`changes ${said(reasons, 'reason')}`)
  for (const { code, words, answers } of codes) {
    const to = draft.mapping[code]
    if (to === undefined) continue
    parts.push(
      to === null
        ? `takes “${words}” off ${said(answers, 'answer')}`
        : `reads “${words}” of ${said(answers, 'answer')} as “${wordsOf(to)}”`,
    )
  }
  if (sentBack.items > 0) parts.push(`sends ${said(sentBack.items, 'item')} back to be judged again`)
  if (sentBack.versions.length > 0)
    parts.push(`marks ${said(sentBack.versions.length, 'frozen dataset version')} as overtaken`)
  return `Publishing ${parts.length === 1 ? parts[0] : `${parts.slice(0, -1).join(', ')} and ${parts.at(-1)}`}. No stored answer is rewritten.`
}

interface Props {
  draft: SpecificationDraft
  reasons: readonly { code: string; words: string }[]
  preview: SpecificationPreview | null
  counting: boolean
  missing: string | null
  onChange: (part: Partial<SpecificationDraft>) => void
}

/** What a change touches, a choice for each removed reason and queue, and what publishing will do. */
export function AffectedAnswers({ draft, reasons, preview, counting, missing, onChange }: Props) {
  if (!preview) return <p className={styles.quiet}>Counting what this touches.</p>
  const { codes, guideline, guidelineChanged } = preview
  const wordsOf = (code: string) => reasons.find(reason => reason.code === code)?.words ?? code
  const { sendBack, mapping } = draft
  const settled = guideline.queues.filter(queue => queue.resolved > 0)
  return (
    <section className={styles.affected} aria-labelledby="affected" aria-busy={counting}>
      <h3 id="affected">What this touches</h3>
      {codes.map(({ code, words, answers, items, resolved, versions }) => (
        <div key={code} className={styles.choice}>
          <p>
            “{words}” is removed.{' '}
            {answers === 0
              ? 'No answer carries it.'
              : `It is on ${said(answers, 'answer')} of ${said(items, 'item')}, ${resolved} of them settled${
                  versions.length > 0 ? `; ${rowsHeld(versions)} rest on them` : ''
                }.`}
          </p>
          <SelectField
            label={`Answers with “${words}” are read as`}
            value={mapping[code] === undefined ? '' : (mapping[code] ?? none)}
            options={[
              { value: '', label: 'Choose', disabled: true },
              ...reasons
                .filter(reason => reason.words !== '')
                .map(reason => ({ value: reason.code, label: reason.words })),
              { value: none, label: 'no reason: they lose it' },
            ]}
            onChange={event =>
              onChange({
                mapping: { ...mapping, [code]: event.target.value === none ? null : event.target.value },
              })
            }
          />
          {items > 0 ? (
            <Checkbox
              label={`Send ${items === 1 ? 'this item' : `these ${items} items`} back to be judged again`}
              checked={sendBack.codes.includes(code)}
              onChange={on =>
                onChange({ sendBack: { ...sendBack, codes: toggled(sendBack.codes, code, on) } })
              }
            />
          ) : null}
        </div>
      ))}
      {guidelineChanged ? (
        <div className={styles.choice}>
          <p>
            {guideline.answers === 0
              ? 'Nobody has answered yet under an earlier guideline.'
              : `The words changed: ${said(guideline.answers, 'answer')} of ${said(guideline.items, 'item')} ${guideline.answers === 1 ? 'was' : 'were'} given before${guideline.versions.length > 0 ? `; ${rowsHeld(guideline.versions)} rest on them` : ''}. They stay, with their version.`}
          </p>
          {settled.map(queue => (
            <Checkbox
              key={queue.id}
              label={`Send the ${said(queue.resolved, 'settled item')} of “${queue.name}” back`}
              checked={sendBack.queues.includes(queue.id)}
              onChange={on =>
                onChange({ sendBack: { ...sendBack, queues: toggled(sendBack.queues, queue.id, on) } })
              }
            />
          ))}
        </div>
      ) : null}
      <p role="status" className={styles.consequence}>
        {missing ?? consequence(preview, draft, wordsOf)}
      </p>
    </section>
  )
}
