'use client'
import { Check, ImagePlus, PenLine, Redo2, Undo2, X } from 'lucide-react'
import { useSearchParams } from 'next/navigation'
import { useEffect, useRef, useState } from 'react'
import type { Consent } from '@/contract/v1/actor'
import type { AlbumPage } from '@/contract/v1/album'
import { ConnectionLane } from '../inbox/connection-lane'
import { ConsentNote } from '../inbox/consent-note'
import { type FeedbackOwner, FeedbackProvider } from '../inbox/feedback-kit'
import { hasAgreed } from '../inbox/shown-consent'
import { useConsent } from '../inbox/use-consent'
import { useSuggestionsSwitch } from '../shell/suggestions'
import { Button } from '../ui/button'
import { EmptyState } from '../ui/empty-state'
import { type ToastContent, useToast } from '../ui/toast'
import { useKeys } from '../ui/use-keys'
import styles from './album.module.css'
import { type Act, isOpen, suggestedCaption } from './album-desk'
import { PhotoCard } from './photo-card'
import { UploadList, Uploads } from './uploads'
import { useAlbum } from './use-album'
import { useUploads } from './use-uploads'

interface Props {
  title: string
  page: AlbumPage
  consent: Consent
}

export function Album({ owner, ...props }: Props & { owner: FeedbackOwner }) {
  return (
    <FeedbackProvider owner={owner}>
      <AlbumParts {...props} />
    </FeedbackProvider>
  )
}

function AlbumParts({ title, page, consent: initialConsent }: Props) {
  const album = useAlbum(page)
  const { desk, photos } = album
  const { consent } = useConsent(initialConsent)
  const suggestions = useSuggestionsSwitch()
  const toast = useToast()
  const wanted = useSearchParams().get('t')
  const [currentId, setCurrentId] = useState(wanted)
  const grid = useRef<HTMLUListElement>(null)
  const consented = hasAgreed(consent)
  const uploads = useUploads({ blocked: !consented, onStored: album.refresh })
  const works = new Map(photos.map(photo => [photo.id, desk.read(photo.id)]))
  const current = photos.find(photo => photo.id === currentId) ?? null
  const work = current && works.get(current.id)

  const card = (id: string) => grid.current?.querySelector<HTMLElement>(`[data-photo="${id}"]`) ?? null
  const focusCard = (id: string) =>
    requestAnimationFrame(() => {
      card(id)?.focus({ preventScroll: true })
      card(id)?.scrollIntoView({ block: 'nearest' })
    })
  const focusEditor = (id: string) =>
    requestAnimationFrame(() => {
      const field = card(id)?.querySelector('textarea')
      field?.focus()
      field?.setSelectionRange(field.value.length, field.value.length)
    })
  // A link from elsewhere, as from My history, names a photo.
  useEffect(() => {
    if (wanted)
      document.querySelector(`[data-photo="${CSS.escape(wanted)}"]`)?.scrollIntoView({ block: 'center' })
  }, [wanted])

  const undoable = (act: Act): Pick<ToastContent, 'actionLabel' | 'keyHint' | 'onAction'> => ({
    actionLabel: 'Undo',
    keyHint: 'z',
    onAction: () => undo(act),
  })
  const tell = (act: Act | null) => {
    if (!act?.after) return
    const { type } = act.after
    if (type === 'accepted') toast.show({ icon: <Check />, text: 'Caption accepted.', ...undoable(act) })
    else if (type === 'dismissed')
      toast.show({ icon: <X />, text: 'Suggestion dismissed.', ...undoable(act) })
    else
      toast.show({
        icon: <PenLine />,
        text: type === 'written' ? 'Caption saved.' : 'Caption corrected.',
        ...undoable(act),
      })
  }
  const undo = (act: Act) => {
    desk.undo(act)
    setCurrentId(act.photoId)
    toast.show({
      icon: <Undo2 />,
      text: act.before
        ? 'Undone. The caption before it is back.'
        : suggestedCaption(desk.read(act.photoId))
          ? 'Undone. The suggestion is back.'
          : 'Undone.',
      actionLabel: 'Redo',
      keyHint: 'shift+z',
      onAction: () => redo(act),
    })
  }
  const redo = (act: Act) => {
    desk.redo(act)
    setCurrentId(act.photoId)
    toast.show({ icon: <Redo2 />, text: 'Done again.', ...undoable(act) })
  }
  const acts = {
    accept(id: string) {
      tell(desk.accept(id))
      focusCard(id)
    },
    dismiss(id: string) {
      tell(desk.dismiss(id))
      focusCard(id)
    },
    edit(id: string) {
      setCurrentId(id)
      desk.edit(id)
      focusEditor(id)
    },
    save(id: string) {
      tell(desk.save(id))
      focusCard(id)
    },
    putBack(id: string) {
      desk.putBack(id)
      focusCard(id)
    },
    undo(id: string) {
      const act = desk.actOf(id)
      if (act) undo(act)
      focusCard(id)
    },
  }
  const move = (step: 1 | -1) => {
    const at = photos.findIndex(photo => photo.id === currentId)
    const next = photos[at === -1 ? 0 : at + step]
    if (!next) return
    setCurrentId(next.id)
    focusCard(next.id)
  }

  const editing = work?.draft != null
  const open = work != null && consented && suggestions.on && isOpen(work) && !editing
  const may = current !== null && consented
  useKeys('Album', [
    { chord: ['j', ']'], label: 'next photo', repeat: true, run: () => move(1) },
    { chord: ['k', '['], label: 'previous photo', repeat: true, run: () => move(-1) },
    { chord: 'a', label: 'accept', enabled: open, run: () => current && acts.accept(current.id) },
    { chord: 'e', label: 'edit', enabled: may && !editing, run: () => current && acts.edit(current.id) },
    { chord: 'x', label: 'dismiss', enabled: open, run: () => current && acts.dismiss(current.id) },
    {
      chord: 'mod+enter',
      label: 'save the caption',
      enabled: may && editing,
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

  const waiting = photos.filter(photo => isOpen(works.get(photo.id) ?? desk.read(photo.id)))
  const yours = photos.filter(photo => {
    const type = works.get(photo.id)?.decision?.type
    return type === 'accepted' || type === 'corrected' || type === 'written'
  })
  const review = () => {
    const first = waiting[0]
    if (!first) return
    setCurrentId(first.id)
    focusCard(first.id)
  }
  return (
    <>
      <div className={styles.page} {...uploads.dropTarget} data-dropping={uploads.dropping || undefined}>
        <header className={styles.head}>
          <div>
            <h1>{title}</h1>
            <p className={styles.count} role="status">
              {countWords(photos.length, yours.length, waiting.length, album.more !== null)}
            </p>
          </div>
          <div className={styles.actions}>
            {waiting.length > 0 && consented && suggestions.on ? (
              <Button onClick={review}>Review the {waiting.length} left</Button>
            ) : null}
            <Uploads
              uploads={uploads}
              blocked={consented ? null : 'Press Continue below first.'}
              primary={photos.length === 0}
            />
          </div>
        </header>
        {consented ? null : <ConsentNote initial={initialConsent} />}
        <UploadList uploads={uploads} />
        {photos.length === 0 ? (
          <EmptyState title="No photos yet.">
            Add some: choose them, drop them here, paste one, or take one with a phone. Nobody else sees what
            you add, and it leaves with you when you erase your data.
          </EmptyState>
        ) : (
          <ul ref={grid} className={styles.grid} aria-label="Photos, newest first">
            {photos.map((photo, at) => (
              <PhotoCard
                key={photo.id}
                photo={photo}
                work={works.get(photo.id) ?? desk.read(photo.id)}
                desk={desk}
                eager={at < 6}
                current={photo.id === currentId}
                consented={consented}
                suggestionsOn={suggestions.on}
                serverTime={album.serverTime}
                acts={acts}
                onCurrent={() => setCurrentId(photo.id)}
              />
            ))}
          </ul>
        )}
        {album.more ? (
          <div className={styles.more}>
            <Button busy={album.loadingMore} onClick={album.more}>
              {album.failedMore ? 'That did not load. Try again' : 'Older photos'}
            </Button>
          </div>
        ) : null}
        <div className={styles.drop} aria-hidden>
          <ImagePlus /> {consented ? 'Drop the photos here' : 'Press Continue first'}
        </div>
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
                ...(open
                  ? [
                      { chords: 'a', label: 'accept' },
                      { chords: 'e', label: 'edit' },
                      { chords: 'x', label: 'dismiss' },
                    ]
                  : may
                    ? [{ chords: 'e', label: 'edit' }]
                    : []),
                { chords: 'z', label: 'undo' },
              ]
        }
      />
    </>
  )
}

function countWords(photos: number, yours: number, open: number, more: boolean): string {
  if (photos === 0) return 'Captions are suggested under each photo; what you make of them is yours.'
  const shown = photos === 1 ? '1 photo' : `${photos} photos`
  const captions = yours === 1 ? '1 caption is yours' : `${yours} captions are yours`
  const left = open === 1 ? '1 is still a suggestion' : `${open} are still suggestions`
  return `${shown}${more ? ', more below' : ''}. ${captions}, ${left}.`
}
