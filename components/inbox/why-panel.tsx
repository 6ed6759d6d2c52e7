'use client'
import { useQuery } from '@tanstack/react-query'
import { Check, Filter, ShieldAlert, X } from 'lucide-react'
import type { WhyAnswer } from '@/contract/v1/suggest'
import { ApiError } from '@/sdk/client'
import { ErrorNote } from '../ui/error-note'
import { IconButton } from '../ui/icon-button'
import { Skeleton } from '../ui/skeleton'
import { useKeys } from '../ui/use-keys'
import { useFeedback } from './feedback-kit'
import styles from './why-panel.module.css'

/** Where the suggestions come from, in words the person may see. */
export function WhyPanel({ exposureId, onClose }: { exposureId: string; onClose: () => void }) {
  const { client, path } = useFeedback()
  const { data, error, isFetching, refetch } = useQuery({
    queryKey: ['why', path, exposureId],
    queryFn: () => client.request<WhyAnswer>('GET', `${path}/exposures/${exposureId}/why`),
  })
  useKeys('Why these?', [{ chord: 'escape', label: 'close', run: onClose }])
  return (
    <section className={styles.panel} aria-label="Why these suggestions">
      <IconButton className={styles.close} label="Close" icon={<X />} keyHint="escape" onClick={onClose} />
      {data ? (
        <Answer why={data} />
      ) : error ? (
        <ErrorNote
          title="The reasons can’t be looked up now."
          code={error instanceof ApiError ? error.code : undefined}
          busy={isFetching}
          onRetry={() => void refetch()}
        />
      ) : (
        <Skeleton lines={['60%', '90%', '75%']} />
      )}
    </section>
  )
}

function Answer({ why }: { why: WhyAnswer }) {
  return (
    <>
      {why.candidates.length > 0 ? (
        <ol className={styles.candidates}>
          {why.candidates.map(candidate => (
            <li key={candidate.id}>
              <q dir="auto">{candidate.text}</q>
              <ul className={styles.evidence}>
                {candidate.evidence.length > 0 ? (
                  candidate.evidence.map(reason => (
                    <li key={reason} dir="auto">
                      {reason}
                    </li>
                  ))
                ) : (
                  <li>The model gave no reason.</li>
                )}
              </ul>
            </li>
          ))}
        </ol>
      ) : null}
      <dl className={styles.facts}>
        <div>
          <dt>Model</dt>
          <dd>
            {why.model ? (
              <>
                {why.model.name} {why.model.version}
                {why.model.summary ? <p>{why.model.summary}</p> : null}
              </>
            ) : (
              'None was asked.'
            )}
          </dd>
        </div>
        {why.model ? (
          <div>
            <dt>Measured</dt>
            <dd>
              {why.quality ? (
                <>
                  <p>Right when shown: {why.quality.precision}</p>
                  <p>Shown at all: {why.quality.coverage}</p>
                </>
              ) : (
                'Not measured yet.'
              )}
              {why.measured.ofSlice.map(({ measure, result }) => (
                <p key={measure}>
                  {measure}: {result}
                </p>
              ))}
              {why.measured.at ? <p>Measured on {why.measured.at}.</p> : null}
            </dd>
          </div>
        ) : null}
        <div>
          <dt>Rules that ran</dt>
          <dd>{why.rules.length > 0 ? <Rules rules={why.rules} /> : 'None.'}</dd>
        </div>
      </dl>
    </>
  )
}

const verdicts = {
  pass: { word: 'passed', icon: Check },
  filter: { word: 'left some out', icon: Filter },
  suppress: { word: 'held back', icon: ShieldAlert },
} as const

function Rules({ rules }: { rules: WhyAnswer['rules'] }) {
  return (
    <ul className={styles.rules}>
      {rules.map((rule, at) => {
        const { word, icon: Icon } = verdicts[rule.verdict]
        return (
          // One rule may speak twice, once per suggestion.
          // biome-ignore lint/suspicious/noArrayIndexKey: the list never changes once it has come.
          <li key={`${rule.rule}${at}`} data-verdict={rule.verdict}>
            <Icon aria-hidden />
            <span>
              <code>{rule.rule}</code> {word}
              {rule.reason ? `. ${rule.reason}` : null}
            </span>
          </li>
        )
      })}
    </ul>
  )
}
