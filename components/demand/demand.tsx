'use client'
import { Check, PenLine, Redo2, Undo2 } from 'lucide-react'
import { useRouter, useSearchParams } from 'next/navigation'
import { useEffect, useRef, useState } from 'react'
import type { Consent } from '@/contract/v1/actor'
import type { DemandPage } from '@/contract/v1/demand'
import { timeWords } from '@/domain/series'
import { type Surge, surgeFormula, surgeOf } from '@/domain/surge'
import { ForecastChart, type ForecastPoint } from '../charts/forecast-chart'
import { ConnectionLane } from '../inbox/connection-lane'
import { ConsentNote } from '../inbox/consent-note'
import { type FeedbackOwner, FeedbackProvider } from '../inbox/feedback-kit'
import { hasAgreed } from '../inbox/shown-consent'
import { useConsent } from '../inbox/use-consent'
import { useInView } from '../inbox/use-in-view'
import { useSuggestionsSwitch } from '../shell/suggestions'
import { ButtonLink } from '../ui/button'
import { EmptyState } from '../ui/empty-state'
import { SelectField } from '../ui/select-field'
import { useToast } from '../ui/toast'
import { useKeys } from '../ui/use-keys'
import styles from './demand.module.css'
import { numberWords, periodsWords } from './demand-words'
import { type Act, forecastOf, isConfirmed, numberOf, type PeriodWork, readNumber } from './demand-work'
import { PeriodRow } from './period-row'
import { Settled } from './settled'
import { ShiftBar, type ShiftDraft } from './shift-bar'
import { TrueValues } from './true-values'
import { useDemand } from './use-demand'

interface Props {
  title: string
  page: DemandPage
  consent: Consent
  /** Where a file is brought in, for those who may. */
  importHref: string | null
}

export function Demand({ owner, ...props }: Props & { owner: FeedbackOwner }) {
  return (
    <FeedbackProvider owner={owner}>
      <DemandParts key={props.page.selected} slug={owner.slug} {...props} />
    </FeedbackProvider>
  )
}

const freshShift: ShiftDraft = { by: 'share', amount: '', reason: '' }

function DemandParts({
  slug,
  title,
  page: initial,
  consent: initialConsent,
  importHref,
}: Props & { slug: string }) {
  const { desk, page } = useDemand(initial)
  const { consent } = useConsent(initialConsent)
  const suggestions = useSuggestionsSwitch()
  const toast = useToast()
  const router = useRouter()
  const wanted = useSearchParams().get('t')
  const [currentId, setCurrentId] = useState(wanted)
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set())
  const [shift, setShift] = useState(freshShift)
  const list = useRef<HTMLUListElement>(null)
  const figure = useRef<HTMLElement>(null)
  const amount = useRef<HTMLDivElement>(null)
  const consented = hasAgreed(consent)
  const { periods } = page
  const works = new Map(periods.map(period => [period.id, desk.read(period.id)]))
  const current = periods.find(period => period.id === currentId) ?? null
  const work = current && works.get(current.id)
  const picked = periods.filter(period => selected.has(period.id)).map(period => period.id)
  const isOpen = (id: string) => {
    const one = works.get(id)
    return one !== undefined && one.decision === null && forecastOf(one) !== null
  }
  const withForecast = periods.filter(period =>
    forecastOf(works.get(period.id) ?? desk.read(period.id)),
  ).length
  useInView(figure, visible => desk.chartSeen(visible))
  useEffect(() => {
    if (withForecast === 0 || !figure.current) return
    const { top, bottom } = figure.current.getBoundingClientRect()
    if (top < window.innerHeight && bottom > 0 && document.visibilityState === 'visible') desk.chartSeen(true)
  }, [withForecast, desk])
  useEffect(() => {
    if (wanted)
      document.querySelector(`[data-period="${CSS.escape(wanted)}"]`)?.scrollIntoView({ block: 'center' })
  }, [wanted])

  const row = (id: string) => list.current?.querySelector<HTMLElement>(`[data-period="${id}"]`) ?? null
  const focusRow = (id: string) =>
    requestAnimationFrame(() => {
      row(id)?.focus({ preventScroll: true })
      row(id)?.scrollIntoView({ block: 'nearest' })
    })
  const focusField = (id: string) =>
    requestAnimationFrame(() => row(id)?.querySelector<HTMLInputElement>('input[inputmode]')?.select())

  const undo = (act: Act) => {
    desk.undo(act)
    const n = act.steps.length
    toast.show({
      icon: <Undo2 />,
      text: n > 1 ? `Undone: ${n} numbers are as before.` : 'Undone. What stood before is back.',
      actionLabel: 'Redo',
      keyHint: 'shift+z',
      onAction: () => redo(act),
    })
  }
  const redo = (act: Act) => {
    desk.redo(act)
    toast.show({
      icon: <Redo2 />,
      text: 'Done again.',
      actionLabel: 'Undo',
      keyHint: 'z',
      onAction: () => undo(act),
    })
  }
  const tell = (act: Act | null, many: string) => {
    if (!act) return
    const n = act.steps.length
    const type = act.steps[0]?.after?.type
    toast.show({
      icon: type === 'accepted' ? <Check /> : <PenLine />,
      text:
        n > 1
          ? `${n} numbers ${many}.`
          : type === 'accepted'
            ? 'Forecast accepted.'
            : type === 'corrected'
              ? 'Forecast overridden.'
              : 'Number saved.',
      actionLabel: 'Undo',
      keyHint: 'z',
      onAction: () => undo(act),
    })
  }
  const acts = {
    accept(id: string) {
      tell(desk.accept([id]), 'accepted')
      focusRow(id)
    },
    edit(id: string) {
      setCurrentId(id)
      desk.edit(id)
      focusField(id)
    },
    save(id: string) {
      tell(desk.save(id), 'saved')
      focusRow(id)
    },
    putBack(id: string) {
      desk.putBack(id)
      focusRow(id)
    },
    undo(id: string) {
      const act = desk.actOf(id)
      if (act) undo(act)
      focusRow(id)
    },
  }
  const acceptPicked = () => {
    tell(desk.accept(picked.filter(isOpen)), 'accepted')
    setSelected(new Set())
  }
  const shiftPicked = () => {
    const by = readNumber(shift.amount)
    if (by === null || !shift.reason) return
    tell(desk.shift(picked, { by: shift.by, amount: by }, shift.reason), 'shifted')
    setSelected(new Set())
    setShift(freshShift)
  }
  const select = (id: string, on: boolean) => {
    const next = new Set(selected)
    if (on) next.add(id)
    else next.delete(id)
    setSelected(next)
  }
  const move = (step: 1 | -1, selecting = false) => {
    const at = periods.findIndex(period => period.id === currentId)
    const next = periods[at === -1 ? 0 : at + step]
    if (!next) return
    if (selecting) setSelected(new Set([...selected, ...(current ? [current.id] : []), next.id]))
    setCurrentId(next.id)
    focusRow(next.id)
  }
  const editing = work?.draft != null
  const mayAccept =
    consented &&
    suggestions.on &&
    (picked.length > 0 ? picked.some(isOpen) : current !== null && isOpen(current.id))
  useKeys('Demand', [
    { chord: ['j', ']'], label: 'next period', repeat: true, run: () => move(1) },
    { chord: ['k', '['], label: 'previous period', repeat: true, run: () => move(-1) },
    { chord: 'shift+j', label: 'select down', repeat: true, run: () => move(1, true) },
    { chord: 'shift+k', label: 'select up', repeat: true, run: () => move(-1, true) },
    {
      chord: 'space',
      label: 'select',
      enabled: current !== null && !editing,
      run: () => current && select(current.id, !selected.has(current.id)),
    },
    {
      chord: 'a',
      label: 'accept',
      enabled: mayAccept && !editing,
      run: () => (picked.length > 0 ? acceptPicked() : current && acts.accept(current.id)),
    },
    {
      chord: 'e',
      label: 'override',
      enabled: consented && current !== null && !editing,
      run: () => current && acts.edit(current.id),
    },
    {
      chord: 's',
      label: 'shift what is selected',
      enabled: picked.length > 0,
      run: () => amount.current?.querySelector('input')?.focus(),
    },
    {
      chord: 'mod+enter',
      label: 'save the number',
      enabled: consented && editing,
      run: () => current && acts.save(current.id),
    },
    {
      chord: 'z',
      label: 'undo',
      run: () => {
        const act = desk.latest()
        if (act) undo(act)
      },
    },
    {
      chord: 'shift+z',
      label: 'redo',
      run: () => {
        const act = desk.latestUndone()
        if (act) redo(act)
      },
    },
    {
      chord: 'escape',
      label: 'put it back',
      enabled: editing,
      run: () => current && acts.putBack(current.id),
    },
  ])

  const surgeFor = (one: PeriodWork): Surge | null => {
    const demand = numberOf(one)
    return demand === null
      ? null
      : surgeOf(demand, page.surge.usual, page.surge.rule, {
          mode: page.surge.mode,
          confirmed: isConfirmed(one),
        })
  }
  const decided = periods.filter(period => works.get(period.id)?.decision).length
  return (
    <>
      <div className={styles.page}>
        <header className={styles.head}>
          <div>
            <h1>{title}</h1>
            <p className={styles.quiet} role="status">
              {knownWords(page)}{' '}
              {periods.length > 0
                ? `${periodsWords(periods.length, page.period)} to come, ${decided} decided.`
                : ''}
            </p>
          </div>
          {page.series.length > 1 ? (
            <SelectField
              label="Series"
              value={page.selected ?? ''}
              options={page.series.map(name => ({ value: name, label: name }))}
              onChange={event => router.push(`?series=${encodeURIComponent(event.target.value)}`)}
            />
          ) : null}
        </header>
        {consented ? null : <ConsentNote initial={initialConsent} />}
        {page.selected === null ? (
          <EmptyState
            title="No series yet."
            action={importHref ? <ButtonLink href={importHref}>Bring a file</ButtonLink> : null}
          >
            A CSV with a time and a number is enough. What is known becomes the history, the next periods open
            by themselves, and a version trained on it forecasts them.
          </EmptyState>
        ) : (
          <>
            <ForecastChart
              title={`${page.selected}: known and forecast`}
              unit={page.unit}
              points={pointsOf(page, works, consented && suggestions.on)}
              currentId={currentId}
              figureRef={figure}
              numberWords={numberWords}
              onOpen={id => {
                setCurrentId(id)
                focusRow(id)
              }}
            />
            <SurgeNote page={page} />
            <section aria-label="To come">
              {periods.length === 0 ? (
                <EmptyState title="Nothing to come.">
                  Once three outcomes of a series are known, the periods after the last one open by
                  themselves.
                </EmptyState>
              ) : (
                <>
                  <ShiftBar
                    selected={picked.length}
                    open={picked.filter(isOpen).length}
                    all={periods.length}
                    draft={shift}
                    amountRef={amount}
                    onDraft={setShift}
                    onSelectAll={all => setSelected(new Set(all ? periods.map(period => period.id) : []))}
                    onAccept={acceptPicked}
                    onShift={shiftPicked}
                  />
                  <ul ref={list} className={styles.list} aria-label="Periods to come, soonest first">
                    {periods.map(period => {
                      const one = works.get(period.id) ?? desk.read(period.id)
                      return (
                        <PeriodRow
                          key={period.id}
                          period={period}
                          work={one}
                          desk={desk}
                          surge={consented && suggestions.on ? surgeFor(one) : null}
                          current={period.id === currentId}
                          selected={selected.has(period.id)}
                          consented={consented}
                          suggestionsOn={suggestions.on}
                          acts={acts}
                          onCurrent={() => setCurrentId(period.id)}
                          onSelect={on => select(period.id, on)}
                        />
                      )
                    })}
                  </ul>
                </>
              )}
            </section>
            <Settled rows={page.settled} period={page.period} />
            {page.outcomes ? (
              <TrueValues slug={slug} page={page} known={page.outcomes} importHref={importHref} />
            ) : null}
          </>
        )}
      </div>
      <ConnectionLane
        keys={
          editing
            ? [
                { chords: 'mod+enter', label: 'save', whileTyping: true },
                { chords: 'escape', label: 'put it back', whileTyping: true },
              ]
            : [
                { chords: ['j', 'k'], label: 'move' },
                { chords: 'space', label: 'select' },
                ...(mayAccept ? [{ chords: 'a', label: 'accept' }] : []),
                ...(consented && current ? [{ chords: 'e', label: 'override' }] : []),
                ...(picked.length > 0 ? [{ chords: 's', label: 'shift' }] : []),
                { chords: 'z', label: 'undo' },
              ]
        }
      />
    </>
  )
}

function knownWords({ known, period, unit }: DemandPage): string {
  if (known.n === 0 || known.to === null) return 'Nothing is known yet.'
  const gaps = known.gaps ? ` ${periodsWords(known.gaps, period)} missing among the newest.` : ''
  const corrected = known.corrected > 0 ? ` ${known.corrected} corrected since.` : ''
  return `${unit ? `In ${unit}. ` : ''}Known up to ${timeWords(known.to)}: ${periodsWords(known.n, period)}.${gaps}${corrected}`
}

function SurgeNote({ page }: { page: DemandPage }) {
  const { rule, usual, mode } = page.surge
  if (usual === null) return null
  return (
    <details className={styles.surge}>
      <summary>Surge multipliers are derived from these numbers by a formula, not predicted.</summary>
      <p>
        <code>{surgeFormula}</code>, in steps of 0.05. The usual level is {numberWords(usual)}, the median of
        the newest known {page.period ?? 'period'}s; the slope is {rule.slope}, the cap ×{rule.cap.toFixed(2)}
        .
      </p>
      <p>
        {mode === 'automate'
          ? `Up to ×${rule.automaticUpTo.toFixed(2)} a multiplier applies by itself. A higher one waits until somebody accepts or overrides the number.`
          : 'Nothing applies by itself in this project: a multiplier waits until somebody accepts or overrides the number.'}{' '}
        Limits and mode are in Settings.
      </p>
    </details>
  )
}

const drawnHistory = 56

function pointsOf(
  page: DemandPage,
  works: ReadonlyMap<string, PeriodWork>,
  forecasting: boolean,
): ForecastPoint[] {
  const settled = new Map(page.settled.map(row => [row.time, row]))
  return [
    ...page.history.slice(-drawnHistory).map(({ time, value }): ForecastPoint => {
      const row = settled.get(time)
      return {
        id: null,
        time,
        known: value,
        forecast: row?.forecast ?? null,
        low: row?.low ?? null,
        high: row?.high ?? null,
        mine: row?.mine ?? null,
      }
    }),
    ...page.periods.map(({ id, time }): ForecastPoint => {
      const work = works.get(id)
      const forecast = work && forecasting ? forecastOf(work) : null
      return {
        id,
        time,
        known: null,
        forecast: forecast?.value ?? null,
        low: forecast?.low ?? null,
        high: forecast?.high ?? null,
        mine: work?.decision?.value ?? null,
      }
    }),
  ]
}
