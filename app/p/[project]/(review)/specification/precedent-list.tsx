'use client'
import { useChange } from '@/components/shell/use-change'
import { Button } from '@/components/ui/button'
import { EmptyState } from '@/components/ui/empty-state'
import { ErrorNote } from '@/components/ui/error-note'
import type { Precedent } from '@/contract/v1/specification'
import styles from './specification.module.css'

const withdrawnWords: Record<NonNullable<Precedent['withdrawnReason']>, string> = {
  curator: 'Withdrawn by a curator.',
  undone: 'Withdrawn: what it was made of was taken back or settled otherwise.',
  'opted-out': 'Withdrawn: somebody whose words it shows no longer lets them be used.',
  erased: 'Withdrawn: what it was made of was erased.',
}

interface Props {
  project: string
  precedents: readonly Precedent[]
  mayManage: boolean
  /** Of every code that was ever in use. */
  words: Record<string, string>
}

/** Settled cases that show how the guideline is meant. */
export function PrecedentList({ project, precedents, mayManage, words }: Props) {
  const { run, tell, busy, refusal } = useChange(project)
  if (precedents.length === 0)
    return (
      <EmptyState title="No precedent yet.">
        {mayManage
          ? 'Settle an item that people disagree on, and make it a precedent there.'
          : 'A curator makes one of an item that people disagreed on.'}
      </EmptyState>
    )
  async function change(precedent: Precedent) {
    const verb = precedent.withdrawnAt ? 'restore' : 'withdraw'
    const done = await run<{ actionId: string }>(
      precedent.id,
      'POST',
      `/projects/${project}/precedents/${precedent.id}/${verb}`,
    )
    if (done)
      tell(
        verb === 'withdraw' ? 'The precedent is shown to nobody now.' : 'The precedent is shown again.',
        done.actionId,
        'Undone.',
      )
  }
  return (
    <>
      {refusal ? <ErrorNote title={refusal.detail} code={refusal.code} /> : null}
      <ul className={styles.precedents}>
        {precedents.map(one => (
          <li key={one.id} data-withdrawn={one.withdrawnAt !== null || undefined}>
            <h3 dir="auto">{one.title || 'Without a title'}</h3>
            <dl>
              {one.accepted.length > 0 ? (
                <div>
                  <dt>Right</dt>
                  {[...new Set(one.accepted)].map(text => (
                    <dd key={text} dir="auto">
                      {text}
                    </dd>
                  ))}
                </div>
              ) : null}
              {one.rejected.length > 0 ? (
                <div>
                  <dt>Wrong</dt>
                  {[...new Set(one.rejected)].map(text => (
                    <dd key={text} dir="auto">
                      {text}
                    </dd>
                  ))}
                </div>
              ) : null}
            </dl>
            {one.explanation ? <p dir="auto">{one.explanation}</p> : null}
            <p className={styles.quiet}>
              {one.reasons.map(code => words[code] ?? code).join(', ')}
              {one.reasons.length > 0 ? '. ' : ''}
              Since version {one.specificationVersion}.{' '}
              {one.withdrawnReason ? withdrawnWords[one.withdrawnReason] : ''}
            </p>
            {mayManage ? (
              <Button
                size="small"
                busy={busy === one.id}
                aria-label={
                  one.withdrawnAt ? `Show “${one.title}” again` : `Withdraw the precedent “${one.title}”`
                }
                onClick={() => void change(one)}
              >
                {one.withdrawnAt ? 'Show again' : 'Withdraw'}
              </Button>
            ) : null}
          </li>
        ))}
      </ul>
    </>
  )
}
