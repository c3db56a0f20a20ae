import { z } from 'zod'
import { ESCOPOS } from '../http/route.js'

/** Signing in, sessions, and the links and codes that open `/eu`. */

const em = z.iso.datetime()

/** What an action answers that has nothing else to say. */
export const Feito = z.strictObject({ detail: z.string() })

/** What every error answers: `motivo` is for programs, `detail` for people. */
export const Erro = z.looseObject({ detail: z.union([z.string(), z.unknown()]), motivo: z.string().optional() })

/** What the pages are told by the shell, in `<script type="application/json" id="ajustes">`. */
export const Ajustes = z.strictObject({
  versao: z.string(),
  /** The time zone of the service: all times are shown in it. */
  fuso: z.string(),
  /** Cookies travel without TLS: for a private network only, and the page says so. */
  sem_tls: z.boolean(),
})

/** The manager's sign-in. */
export const Entrar = z.strictObject({ chave: z.string().min(1).max(512) })

/** The wall's: what stood behind `#p=` in its link. */
export const EntrarNaParede = z.strictObject({ token: z.string().min(20).max(200) })

/** The seller's: what stood behind `#c=` in his link, or the eight digits. */
export const EntrarNoEu = z.union([
  z.strictObject({ token: z.string().min(20).max(200) }),
  z.strictObject({ codigo: z.string().regex(/^\s*\d{4}[\s-]?\d{4}\s*$/, { message: 'O código tem 8 números' }) }),
])

/** The session of `/painel` that asks. */
export const SessaoDoPainel = z.strictObject({
  id: z.string(),
  tipo: z.enum(['gestor', 'parede']),
  /** Of the key; a wall has none. `admin` changes, others look. */
  escopos: z.array(z.enum(ESCOPOS)),
  pode_mudar: z.boolean(),
  /** What the key is called; a wall's own name. */
  descricao: z.string(),
  ate: em,
})

/** The session of `/eu` that asks. */
export const SessaoDoEu = z.strictObject({
  id: z.string(),
  consultor_id: z.int(),
  nome: z.string(),
  ate: em,
})

/** One of the sessions that are open. */
export const Sessao = z.strictObject({
  id: z.string(),
  tipo: z.enum(['gestor', 'parede', 'consultor']),
  /** Of whom, or what the key or the wall is called. */
  nome: z.string(),
  consultor_id: z.int().nullable(),
  /** `Chrome no Android`, as far as its browser tells. */
  aparelho: z.string().nullable(),
  criada_em: em,
  /** With a precision of five minutes; `null`: never opened yet (a wall's link). */
  visto_em: em.nullable(),
  ate: em,
  /** It is the one that asks. */
  esta: z.boolean(),
})

export const Sessoes = z.array(Sessao)

export const NovaParede = z.strictObject({ nome: z.string().trim().min(1).max(80).default('Parede') })

/** The link of a wall: opened again on another screen, it ends the screen before. */
export const ParedeCriada = z.strictObject({ id: z.string(), link: z.string(), ate: em })

export const NovoAcesso = z
  .strictObject({
    /** The slug of the chat account that sends the link to his WhatsApp; absent: nobody sends it. */
    canal: z.string().min(1).max(64).optional(),
  })
  .meta({ id: 'NovoAcesso' })

/** A link and a code for a seller: each opens one session, and a new one of them ends those before. */
export const AcessoCriado = z
  .strictObject({
    consultor_id: z.int(),
    /** With `API_URL` or the address of the page that asked; it holds for 15 min. */
    link: z.string(),
    link_ate: em,
    /** Eight digits, for the page on the home screen; for 10 min. */
    codigo: z.string(),
    codigo_ate: em,
    /** It was sent to his telephone. */
    enviado: z.boolean(),
  })
  .meta({ id: 'AcessoCriado' })

/** A code that a seller makes on a device where he is signed in. */
export const CodigoCriado = z.strictObject({ codigo: z.string(), ate: em })

export type Feito = z.output<typeof Feito>
export type Erro = z.output<typeof Erro>
export type Ajustes = z.output<typeof Ajustes>
export type SessaoDoPainel = z.output<typeof SessaoDoPainel>
export type SessaoDoEu = z.output<typeof SessaoDoEu>
export type Sessao = z.output<typeof Sessao>
export type ParedeCriada = z.output<typeof ParedeCriada>
export type AcessoCriado = z.output<typeof AcessoCriado>
export type CodigoCriado = z.output<typeof CodigoCriado>
