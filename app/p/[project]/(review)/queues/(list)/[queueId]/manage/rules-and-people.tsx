'use client'
import { Pencil } from 'lucide-react'
import { useRef, useState } from 'react'
import styles from '@/components/review/forms.module.css'
import type { Person } from '@/components/review/policy-fields'
import { policyWords } from '@/components/review/policy-words'
import { Button } from '@/components/ui/button'
import type { QueuePolicy, QueueView } from '@/contract/v1/review'
import type { AnswerKind } from '@/domain/review'
import { QueueSettings } from './queue-settings'

interface Props {
  project: string
  /** What answers are here. */
  answers: AnswerKind
  queue: QueueView
  policy: QueuePolicy
  workers: readonly Person[]
  adjudicators: readonly Person[]
}

/** What is in force in a queue, as sentences, changed in place. */
export function RulesAndPeople({ project, answers, queue, policy, workers, adjudicators }: Props) {
  const [editing, setEditing] = useState(false)
  const opener = useRef<HTMLButtonElement>(null)
  const done = () => {
    setEditing(false)
    requestAnimationFrame(() => opener.current?.focus())
  }
  return (
    <section className={styles.section} aria-labelledby="queue-rules">
      <div className={styles.head}>
        <h2 id="queue-rules">Rules and people</h2>
        {editing ? null : (
          <Button ref={opener} size="small" kind="quiet" icon={<Pencil />} onClick={() => setEditing(true)}>
            Change
          </Button>
        )}
      </div>
      {editing ? (
        <QueueSettings
          project={project}
          answers={answers}
          queue={queue}
          policy={policy}
          workers={workers}
          adjudicators={adjudicators}
          onDone={done}
        />
      ) : (
        <dl className={styles.inForce}>
          {policyWords({ ...queue, policy }, { workers, adjudicators }).map(({ term, words }) => (
            <div key={term}>
              <dt>{term}</dt>
              <dd dir="auto">{words}</dd>
            </div>
          ))}
        </dl>
      )}
    </section>
  )
}
