'use client'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import type { Consent, currentConsent } from '@/contract/v1/actor'
import { useFeedback } from './feedback-kit'

type Change = { accept: typeof currentConsent } | { trainingAllowed: boolean }

export const consentKey = (path: string) => ['consent', path] as const

/** What the person agreed to in this project, and the way to change it. */
export function useConsent(initial: Consent) {
  const { client, path, outbox } = useFeedback()
  const queries = useQueryClient()
  const key = consentKey(path)
  const { data } = useQuery({
    queryKey: key,
    queryFn: () => client.request<Consent>('GET', `${path}/consent`),
    initialData: initial,
  })
  const change = useMutation({
    mutationFn: (body: Change) => client.request<Consent>('PUT', `${path}/consent`, body),
    onSuccess: consent => {
      queries.setQueryData(key, consent)
      void outbox.flush()
    },
  })
  return { consent: data, change }
}
