import { useEffect, useRef, useState } from 'preact/hooks'
import type { Eu } from '../contrato.js'
import { eu } from '../textos.js'

const KEY = 'vez-som'
/** How long the title and the announcement of a new customer stay, in milliseconds. */
const SHOWN_MS = 60_000

let audio: AudioContext | undefined

/** A browser lets a page sound only once somebody has touched it. */
function unlock(): void {
  audio ??= new AudioContext()
  void audio.resume()
}

/** Two notes, so short that nobody is startled. */
function beep(times: number): void {
  if (audio?.state !== 'running') return
  for (let i = 0; i < times * 2; i++) {
    const [tone, volume] = [audio.createOscillator(), audio.createGain()]
    const at = audio.currentTime + i * 0.18
    tone.frequency.value = i % 2 === 0 ? 660 : 880
    volume.gain.setValueAtTime(0.0001, at)
    volume.gain.exponentialRampToValueAtTime(0.25, at + 0.02)
    volume.gain.exponentialRampToValueAtTime(0.0001, at + 0.16)
    tone.connect(volume).connect(audio.destination)
    tone.start(at)
    tone.stop(at + 0.17)
  }
}

/** A browser that keeps nothing for this page makes it forget, no more. */
function readSound(): boolean {
  try {
    return localStorage.getItem(KEY) !== 'nao'
  } catch {
    return true
  }
}

function keepSound(on: boolean): void {
  try {
    localStorage.setItem(KEY, on ? 'sim' : 'nao')
  } catch {
    // It stays so until the page is left.
  }
}

export const isNext = ({ lugares }: Eu): boolean => lugares.some(({ posicao }) => posicao === 1)

interface Calling {
  /** What is to be read aloud now. */
  readonly anuncio: string
  readonly som: boolean
  readonly mudarSom: (on: boolean) => void
}

/** Beeps, vibrates, changes the title and speaks: once when he becomes next, and louder when a customer is his. */
export function useCalling(me: Eu | undefined): Calling {
  const [som, setSom] = useState(readSound)
  const [anuncio, setAnuncio] = useState('')
  const before = useRef<{ readonly next: boolean; readonly ultimo: number }>(undefined)
  const next = me !== undefined && isNext(me)
  const numero = me?.ultimo?.numero ?? ''
  const ultimo = me?.ultimo?.n ?? 0
  useEffect(() => {
    addEventListener('pointerdown', unlock)
    addEventListener('keydown', unlock)
    return () => {
      removeEventListener('pointerdown', unlock)
      removeEventListener('keydown', unlock)
    }
  }, [])
  useEffect(() => {
    if (me === undefined) return
    const known = before.current
    before.current = { next, ultimo }
    // What stood there when the page was opened is no news.
    if (!known) return
    const isNew = ultimo > known.ultimo
    if (!isNew && !(next && !known.next)) return
    setAnuncio(isNew ? eu.novoCliente(numero) : eu.anuncio)
    if (!som) return
    beep(isNew ? 2 : 1)
    navigator.vibrate?.(isNew ? [200, 100, 200, 100, 200] : [200])
  }, [me, next, ultimo, numero, som])
  useEffect(() => {
    if (anuncio === '') return
    const timer = setTimeout(() => setAnuncio(''), SHOWN_MS)
    return () => clearTimeout(timer)
  }, [anuncio])
  useEffect(() => {
    document.title = anuncio !== '' ? `● ${anuncio}` : next ? eu.tituloVez : eu.nome
  }, [anuncio, next])
  const mudarSom = (on: boolean) => {
    setSom(on)
    keepSound(on)
    if (on) beep(1)
  }
  return { anuncio, som, mudarSom }
}
