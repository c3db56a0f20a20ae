import { toNumero } from '../lib/numero.js'
import type { Protocolo } from './model.js'
import { failureWords, nameOf, type Reasons, type Seen, type Somebody, somebody } from './porque.js'

/** Why a protocol did not go to somebody. */
export interface WhyNot extends Somebody {
  /** A condition that failed (`offline`, `idioma` …), or one of these words. */
  readonly motivo: string
  readonly frase: string
}

/**
 * Why a protocol went to somebody else than this person.
 *
 * @param turno his `turno` when it was decided; `undefined` where that cannot be told
 */
export function whyNot(
  protocolo: Protocolo,
  reasons: Reasons,
  consultor_id: number,
  turno: number | undefined,
  seen: Seen,
): WhyNot {
  const who = somebody(seen, consultor_id)
  const nome = nameOf(who)
  const subject = `${nome.charAt(0).toUpperCase()}${nome.slice(1)}`
  const because = (motivo: string, words: string): WhyNot => ({
    ...who,
    motivo,
    frase: `${subject} não recebeu porque ${words}.`,
  })
  const chosen = protocolo.consultor_nome ?? 'outra pessoa'
  if (consultor_id === protocolo.consultor_id) {
    return { ...who, motivo: 'escolhido', frase: `Foi ${nome} quem recebeu.` }
  }
  if (protocolo.por === 'preferido') return because('preferencia', `o pedido preferia ${chosen}`)
  if (protocolo.por === 'numero' || protocolo.por === 'ajudou') return because('sem_vez', 'não houve vez')
  const skipped = reasons.antes.find((one) => one.consultor_id === consultor_id)
  if (skipped) {
    const words = failureWords(skipped, protocolo, seen)
    return because(
      skipped.motivo,
      skipped.motivo === 'idioma' || skipped.motivo === 'equipe' ? words : `estava ${words}`,
    )
  }
  if (consultor_id === protocolo.segundo) {
    return because('atras', `estava atrás de ${chosen} na fila: viria logo depois`)
  }
  const { turno_antes, n, pulados_cortados, consultor_id: chosenId = 0 } = protocolo
  if (turno !== undefined && turno >= n) return because('novo', `entrou na equipe depois de ${toNumero(n)}`)
  if (turno === undefined || turno_antes === undefined) {
    return { ...who, motivo: 'nao_guardado', frase: `Por que não foi ${nome} não foi guardado.` }
  }
  const isBehind = turno > turno_antes || (turno === turno_antes && consultor_id > chosenId)
  if (isBehind) return because('atras', `estava atrás de ${chosen} na fila`)
  return pulados_cortados
    ? because('impedido', `estava entre os muitos que vinham antes de ${chosen} e não podiam`)
    : because('fora_da_vez', 'estava inativo ou fora da sequência')
}

/** Protocols of one person that are looked at for his next turn. */
const MAX_LOOKED = 200

/**
 * The `turno` that a person had when a protocol was decided: the one of today if no turn has come since, else the one that his
 * next turn found. `undefined`: not known.
 *
 * @param later his later protocols, in order
 */
export async function turnoThen(
  { n }: Pick<Protocolo, 'n'>,
  today: number | undefined,
  later: AsyncIterable<readonly Protocolo[]>,
): Promise<number | undefined> {
  if (today !== undefined && today < n) return today
  let looked = 0
  for await (const rows of later) {
    const next = rows.find(({ por }) => por === 'regra' || por === undefined)
    if (next) return next.turno_antes
    looked += rows.length
    if (looked >= MAX_LOOKED) return undefined
  }
  return undefined
}
