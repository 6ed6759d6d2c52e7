'use client'
import { Check, Layers, X } from 'lucide-react'
import type { ItemContext } from '@/contract/v1/context'
import type { WorkSpecification } from '@/contract/v1/review'
import { Button } from '../ui/button'
import styles from './beside.module.css'

interface Props {
  context: ItemContext
  words: WorkSpecification['words']
  togetherOpen: boolean
  onTogether: (() => void) | null
}

/** Settled cases at hand: how the guideline is meant, what was said of similar items, and more items like this one. */
export default function Beside({ context, words, togetherOpen, onTogether }: Props) {
  const { precedents, similar, nearDuplicates } = context
  return (
    <>
      {nearDuplicates.length > 0 && onTogether && !togetherOpen ? (
        <p>
          <Button size="small" icon={<Layers />} keyHint="d" onClick={onTogether}>
            {nearDuplicates.length} more like this
          </Button>
        </p>
      ) : null}
      {precedents.length > 0 ? (
        <section className={styles.cases} aria-label="Precedents">
          {precedents.map(({ id, title, accepted, rejected, explanation, reasons }) => (
            <article key={id} className={styles.case}>
              <h2 dir="auto">{title}</h2>
              <div className={styles.pair}>
                {accepted.length > 0 ? (
                  <div>
                    <p className={styles.like}>
                      <Check aria-hidden /> Like this
                    </p>
                    {accepted.map(text => (
                      <p key={text} className={styles.words} dir="auto">
                        {text}
                      </p>
                    ))}
                  </div>
                ) : null}
                {rejected.length > 0 ? (
                  <div>
                    <p className={styles.unlike}>
                      <X aria-hidden /> Not like this
                    </p>
                    {rejected.map(text => (
                      <p key={text} className={styles.words} dir="auto">
                        {text}
                      </p>
                    ))}
                  </div>
                ) : null}
              </div>
              <p className={styles.quiet} dir="auto">
                {[reasons.map(reason => words[reason] ?? reason).join(', '), explanation]
                  .filter(Boolean)
                  .join('. ')}
              </p>
            </article>
          ))}
        </section>
      ) : null}
      {similar.length > 0 ? (
        <section className={styles.cases} aria-label="Similar settled items">
          <h2>Settled, and similar</h2>
          {similar.map(({ itemId, title, input, accepted }) => (
            <article key={itemId} className={styles.case}>
              <p className={styles.input} dir="auto">
                {input || title}
              </p>
              {accepted.length > 0 ? (
                accepted.map(text => (
                  <p key={text} className={styles.words} dir="auto">
                    {text}
                  </p>
                ))
              ) : (
                <p className={styles.quiet}>No suggestion was right, and nobody wrote one.</p>
              )}
            </article>
          ))}
        </section>
      ) : null}
    </>
  )
}
