'use client'
import { Ban, Check, CircleDashed, PenLine, Undo2 } from 'lucide-react'
import { useEffect, useRef, useState } from 'react'
import type { DemandPeriod } from '@/contract/v1/demand'
import { timeWords } from '@/domain/series'
import type { Surge } from '@/domain/surge'
import { useInView } from '../inbox/use-in-view'
import { WhyPanel } from '../inbox/why-panel'
import { Button } from '../ui/button'
import { DecisionBadge } from '../ui/decision-badge'
import { ErrorNote } from '../ui/error-note'
import { IconButton } from '../ui/icon-button'
import type { DemandDesk } from './demand-desk'
import { multiplierWords, numberWords } from './demand-words'
import { forecastOf, type PeriodWork, reasonWords } from './demand-work'
import { NumberEditor } from './number-editor'
import styles from './period-row.module.css'

export interface RowActs {
  accept(id: string): void
  edit(id: string): void
  save(id: string): void
  putBack(id: string): void
  undo(id: string): void
}

interface Props {
  period: DemandPeriod
  work: PeriodWork
  desk: DemandDesk
  surge: Surge | null
  current: boolean
  selected: boolean
  consented: boolean
  suggestionsOn: boolean
  acts: RowActs
  onCurrent: () => void
  onSelect: (selected: boolean) => void
}

/** One period that is still to come: its number, where that comes from, and what follows from it. */
export function PeriodRow(props: Props) {
  const {
    period,
    work,
    desk,
    surge,
    current,
    selected,
    consented,
    suggestionsOn,
    acts,
    onCurrent,
    onSelect,
  } = props
  const { id } = period
  const item = useRef<HTMLLIElement>(null)
  const [why, setWhy] = useState(false)
  const asks = consented && suggestionsOn && work.asked === 'no' && work.decision === null
  useEffect(() => {
    if (asks) desk.ask(id)
  }, [asks, desk, id])
  const forecast = consented && suggestionsOn ? forecastOf(work) : null
  const showing = forecast !== null && work.decision === null
  useInView(item, visible => desk.seen(id, visible && showing))
  useEffect(() => {
    if (!showing || !item.current) return
    const { top, bottom } = item.current.getBoundingClientRect()
    if (top < window.innerHeight && bottom > 0 && document.visibilityState === 'visible') desk.seen(id, true)
  }, [showing, desk, id])
  const title = timeWords(period.time)
  const kept = work.decision?.value ?? null
  return (
    <li
      ref={item}
      className={styles.row}
      data-period={id}
      data-current={current || undefined}
      tabIndex={-1}
      onFocus={() => !current && onCurrent()}
      onPointerDown={() => !current && onCurrent()}
    >
      <div className={styles.when}>
        <label className={styles.pick}>
          <input type="checkbox" checked={selected} onChange={event => onSelect(event.target.checked)} />
          <span>{title}</span>
        </label>
        {period.event ? <span className={styles.event}>{period.event}</span> : null}
      </div>
      {work.draft ? (
        <NumberEditor
          title={title}
          draft={work.draft}
          forecast={forecast?.value ?? null}
          missing={desk.missing(id)}
          onType={change => desk.type(id, change)}
          onSave={() => acts.save(id)}
          onPutBack={() => acts.putBack(id)}
        />
      ) : (
        <>
          <div className={styles.number}>
            {kept !== null ? (
              <strong className={styles.mine}>{numberWords(kept)}</strong>
            ) : forecast ? (
              <span className={styles.model}>{numberWords(forecast.value)}</span>
            ) : (
              <span className={styles.none}>–</span>
            )}
            {forecast && forecast.low !== null && forecast.high !== null ? (
              <span className={styles.interval}>
                {kept !== null && kept !== forecast.value ? `forecast ${numberWords(forecast.value)}, ` : ''}
                {numberWords(forecast.low)} to {numberWords(forecast.high)}
              </span>
            ) : null}
          </div>
          <div className={styles.state}>
            <State {...props} forecast={forecast !== null} />
            {surge ? <span className={styles.surge}>{multiplierWords(surge)}</span> : null}
          </div>
          <div className={styles.tools}>
            {work.decision ? (
              <Button
                size="small"
                icon={<Undo2 />}
                keyHint={current ? 'z' : undefined}
                aria-label={`Undo ${title}`}
                onClick={() => acts.undo(id)}
              >
                Undo
              </Button>
            ) : forecast ? (
              <IconButton
                label={`Accept ${title}`}
                keyHint="a"
                icon={<Check />}
                onClick={() => acts.accept(id)}
              />
            ) : null}
            {consented ? (
              <IconButton
                label={`${forecast || work.decision ? 'Override' : 'Give a number for'} ${title}`}
                keyHint="e"
                icon={<PenLine />}
                onClick={() => acts.edit(id)}
              />
            ) : null}
            {work.answer ? (
              <button
                type="button"
                className={styles.why}
                aria-expanded={why}
                aria-label={`Why this for ${title}?`}
                onClick={() => setWhy(!why)}
              >
                Why this?
              </button>
            ) : null}
          </div>
        </>
      )}
      {work.refusal ? (
        <ErrorNote title="That was not taken. Your number is safe here.">{work.refusal}</ErrorNote>
      ) : null}
      {why && work.answer ? (
        <div className={styles.panel}>
          <WhyPanel exposureId={work.answer.exposureId} onClose={() => setWhy(false)} />
        </div>
      ) : null}
    </li>
  )
}

function State({ work, desk, period, consented, suggestionsOn, forecast }: Props & { forecast: boolean }) {
  if (work.decision)
    return (
      <span className={styles.words}>
        <DecisionBadge
          decision={work.decision.type}
          label={work.decision.type === 'corrected' ? 'Overridden' : undefined}
        />
        {work.decision.reason ? <span>{reasonWords(work.decision.reason)}</span> : null}
      </span>
    )
  if (!consented) return <Words>Not asked yet.</Words>
  if (!suggestionsOn) return <Words>Suggestions are off.</Words>
  if (forecast)
    return (
      <span className={styles.words}>
        <CircleDashed aria-hidden /> {work.onDevice ? 'Forecast on this device' : 'Forecast by the model'}
      </span>
    )
  if (work.asked === 'failed')
    return (
      <span className={styles.words}>
        <Ban aria-hidden />
        {work.problem?.code === 'unreachable'
          ? 'The server can’t be reached, so there is no forecast.'
          : `No forecast this time. ${work.problem?.detail ?? ''}`}
        <Button size="small" onClick={() => desk.ask(period.id)}>
          Ask again
        </Button>
      </span>
    )
  if (work.answer) return <Words>{work.answer.reason?.text ?? 'No forecast for this one.'}</Words>
  return (
    <span className={styles.words}>
      <CircleDashed aria-hidden /> {work.asked === 'asking' ? 'Forecasting' : 'Not asked yet'}
    </span>
  )
}

function Words({ children }: { children: string }) {
  return (
    <span className={styles.words}>
      <Ban aria-hidden /> {children}
    </span>
  )
}
