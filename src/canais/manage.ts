import { randomBytes } from 'node:crypto'
import type { z } from 'zod'
import type { AnyAdapter } from '../../integrations/contract.js'
import { findAdapter } from '../../integrations/index.js'
import { portuguese } from '../http/portuguese.js'
import { toProblems } from '../http/validate.js'
import { AppError, notFound, OwnError, type Problem, unprocessable } from '../lib/errors.js'
import { isDuplicateKey, LIMIT } from '../lib/mongo.js'
import { omitUndefined } from '../lib/omit.js'
import type { SecretBox } from '../lib/secret-box.js'
import { forgetOursOf } from '../protocolos/conversas-nossas.js'
import type { Autor } from '../vez/rules/commands.js'
import { type Canal, purpose, toCanal } from './accounts.js'
import { canSend } from './ask.js'
import type { ChatDeps } from './deps.js'
import { forgetHours, tellHours } from './hours.js'
import type { CanalGuardado } from './model.js'
import type { NovoCanal } from './new-canal.js'
import { PADROES } from './options.js'
import type { CanalDaApi, MudancaDeCanal } from './schema.js'

/** How long a replaced secret is still accepted: 24 h. */
const FORMER_MS = 86_400_000

const problem = (field: string, msg: string): Problem => ({ loc: ['body', field], msg, type: 'value_error' })

/** Makes and changes accounts; what is secret in them is encrypted before it is written. */
export class Manage {
  readonly #deps: ChatDeps

  constructor(deps: ChatDeps) {
    this.#deps = deps
  }

  /** Throws 409 when the slug is taken, 422 for whatever does not fit. */
  async create(
    given: z.output<typeof NovoCanal>,
    autor: Autor,
  ): Promise<{ canal: Canal; segredo: string | undefined }> {
    const { canais, contas, clock } = this.#deps
    const box = this.#box()
    const { slug, plataforma, ajustes = {}, ...rest } = given
    const adapter = findAdapter(plataforma)
    if (!adapter) throw new OwnError('unknown platform')
    const settings = this.#settings(slug, adapter, ajustes)
    const segredo = adapter.secretIn === 'vendor' ? undefined : newSecret(adapter)
    const guardado: CanalGuardado = {
      ...PADROES,
      gatilho: adapter.gatilhos[0],
      esperar: canSend({ adapter, conta: { ajustes: settings.plain } }),
      ...omitUndefined(rest),
      nome: rest.nome,
      _id: slug,
      plataforma,
      ajustes: settings.open,
      secretos: settings.locked,
      segredos: segredo === undefined ? [] : [{ valor: box.lock(segredo, purpose(slug, 'segredo')) }],
      criado_em: clock.now(),
      rev: 0,
    }
    refuseContradictions(adapter, guardado, settings.plain)
    await canais.db
      .collection<CanalGuardado>('canais')
      .insertOne(guardado)
      .catch((error: unknown) => {
        if (isDuplicateKey(error))
          throw new AppError(409, 'Já existe um canal com este slug: escolha outro, ou altere-o com PUT /canais/{slug}')
        throw error
      })
    await contas.refresh()
    await tellHours(this.#deps, guardado, autor)
    return { canal: toCanal(guardado, box, clock.now()), segredo }
  }

  async change(slug: string, change: z.output<typeof MudancaDeCanal>, autor: Autor): Promise<Canal> {
    const { adapter, guardado } = this.find(slug)
    const box = this.#box()
    const { ajustes: written, ...rest } = change
    // An account as it was shown may be sent back: there the mask stands for the secret that is stored.
    const ajustes =
      written && Object.fromEntries(Object.entries(written).filter(([name, value]) => !isMask(adapter, name, value)))
    const settings = ajustes === undefined ? undefined : this.#settings(slug, adapter, ajustes, guardado)
    const next: CanalGuardado = {
      ...guardado,
      ...omitUndefined(rest),
      ...(settings && { ajustes: settings.open, secretos: settings.locked }),
    }
    const now = this.#deps.clock.now()
    const after = toCanal(next, box, now).conta.ajustes
    refuseContradictions(adapter, next, after)
    if (ajustes) refuseMovedSecrets(adapter, toCanal(guardado, box, now).conta.ajustes, after, ajustes)
    return this.#write(guardado, next, autor)
  }

  async remove(slug: string, autor: Autor): Promise<void> {
    const { canais, contas, events } = this.#deps
    const { guardado } = this.find(slug)
    await canais.deleteOne({ _id: slug }).maxTimeMS(LIMIT.maxTimeMS)
    await contas.refresh()
    await forgetHours(this.#deps, guardado, autor)
    await events.forget(slug)
    await forgetOursOf(canais.db, slug)
  }

  /** A new secret; those before it hold 24 h more, until `anteriorAte`. */
  async renewSecret(slug: string): Promise<{ canal: Canal; segredo: string; anteriorAte: Date }> {
    const { clock } = this.#deps
    const { adapter, guardado } = this.find(slug)
    if (adapter.secretIn === 'vendor')
      throw new AppError(409, 'Nesta plataforma o segredo é dela: troque-o lá e depois em ajustes')
    const segredo = newSecret(adapter)
    const now = clock.now().getTime()
    const anteriorAte = new Date(now + FORMER_MS)
    const former = guardado.segredos
      .filter(({ ate }) => ate === undefined || ate.getTime() > now)
      .map((one) => ({ ...one, ate: one.ate ?? anteriorAte }))
    const valor = this.#box().lock(segredo, purpose(slug, 'segredo'))
    const canal = await this.#write(guardado, { ...guardado, segredos: [{ valor }, ...former] })
    return { canal, segredo, anteriorAte }
  }

  /** Throws 404. */
  find(slug: string): Canal {
    const canal = this.#deps.contas.get(slug)
    if (!canal) throw notFound('Canal não encontrado')
    return canal
  }

  /** The address that the platform calls; where the secret travels in it, with that one, or with a placeholder. */
  webhookUrl({ slug, plataforma, adapter }: Canal, segredo = '<segredo>'): string {
    const base = `${this.#deps.config.API_URL?.replace(/\/$/, '') ?? ''}/webhooks/${plataforma}/${slug}`
    return adapter.secretIn === 'path' ? `${base}/${segredo}` : base
  }

  toApi(canal: Canal): z.input<typeof CanalDaApi> {
    const { guardado, adapter } = canal
    const { _id: slug, secretos, criado_em, ajustes, ...others } = guardado
    const { segredos: _s, rev: _r, reconciliado_em: _u, presencas: _p, ...rest } = others
    const shown = adapter.secretos.map((field) => [field, secretos[field] === undefined ? null : MASK])
    return {
      slug,
      ...rest,
      // Absent in accounts that an earlier release made.
      ligacoes: rest.ligacoes === true,
      palavras: [...rest.palavras],
      ajustes: { ...ajustes, ...Object.fromEntries(shown) },
      webhook_url: this.webhookUrl(canal),
      segredo_dica: adapter.secretIn === 'vendor' ? null : lostSecret(slug),
      criado_em: criado_em.toISOString(),
    }
  }

  async #write(before: CanalGuardado, after: CanalGuardado, autor?: Autor): Promise<Canal> {
    const { canais, contas, clock } = this.#deps
    const next = { ...after, rev: before.rev + 1 }
    // These two are written by the periodic rounds, of any process, and are not touched here.
    const { _id, reconciliado_em: _r, presencas: _p, ...$set } = next
    const { modifiedCount } = await canais.db
      .collection<CanalGuardado>('canais')
      .updateOne({ _id, rev: before.rev }, { $set }, LIMIT)
    await contas.refresh()
    if (modifiedCount === 0) throw new AppError(409, 'O canal acaba de ser alterado; tente novamente')
    await tellHours(this.#deps, next, autor)
    return toCanal(next, this.#box(), clock.now())
  }

  /** The settings by the platform's schema: the open ones, and the secret ones locked. Absent stays as it was, `null` clears. */
  #settings(slug: string, adapter: AnyAdapter, given: Record<string, unknown>, before?: CanalGuardado) {
    const box = this.#box()
    const kept = before && toCanal(before, box, this.#deps.clock.now()).conta.ajustes
    const known = Object.entries({ ...kept, ...given }).filter(([, value]) => value !== null)
    const result = adapter.ajustes
      .strict()
      .safeParse(Object.fromEntries(known), { error: portuguese, reportInput: true })
    if (!result.success)
      throw unprocessable(result.error.issues.flatMap((issue) => toProblems(['body', 'ajustes'], issue)))
    const plain = Object.entries(result.data).filter(([, value]) => value !== undefined)
    const isSecret = ([field]: [string, unknown]): boolean => adapter.secretos.includes(field)
    return {
      plain: result.data,
      open: Object.fromEntries(plain.filter((one) => !isSecret(one))),
      locked: Object.fromEntries(
        plain.filter(isSecret).map(([field, value]) => [field, box.lock(String(value), purpose(slug, field))]),
      ),
    }
  }

  #box(): SecretBox {
    const { box } = this.#deps
    if (!box) throw new AppError(409, 'Defina CHAVE_MESTRA antes de criar canais: os segredos são gravados cifrados')
    return box
  }
}

const lostSecret = (slug: string): string =>
  `Perdeu o segredo? POST /canais/${slug}/segredo faz um novo, e o anterior ainda vale 24 h`

const newSecret = (adapter: AnyAdapter): string => {
  const bytes = randomBytes(32)
  return adapter.newSecret?.(bytes) ?? bytes.toString('base64url')
}

const MASK = '***'

const isMask = ({ secretos }: AnyAdapter, name: string, value: unknown): boolean =>
  value === MASK && secretos.includes(name)

type Settings = Readonly<Record<string, unknown>>

/** Where calls that carry a secret go: scheme, host and port of a setting that is an address. */
const originOf = (value: unknown): string | undefined =>
  typeof value === 'string' && /^https?:/i.test(value) && URL.canParse(value) ? new URL(value).origin : undefined

/** Where each setting sends calls, and where they go in the end: a name may stand for a server, as a contract of Blip does. */
function addressesOf({ connection }: AnyAdapter, ajustes: Settings): Readonly<Record<string, string | undefined>> {
  const settings = Object.entries(ajustes).map(([name, value]) => [name, originOf(value)] as const)
  const { field, url } = connection?.server(ajustes) ?? {}
  return Object.fromEntries(field === undefined ? settings : [...settings, [field, originOf(url)]])
}

/**
 * Refuses a change of a server that does not come with the secrets that would be sent there: whoever may change an account could
 * have them sent to a server of his own.
 */
function refuseMovedSecrets(adapter: AnyAdapter, before: Settings, after: Settings, given: Settings): void {
  const { secretos } = adapter
  const addresses = addressesOf(adapter, before)
  const moved = Object.entries(addressesOf(adapter, after)).find(
    ([name, origin]) => origin !== undefined && origin !== addresses[name],
  )?.[0]
  const kept = secretos.filter((name) => before[name] !== undefined && given[name] === undefined)
  if (moved === undefined || kept.length === 0) return
  throw unprocessable(
    kept.map((name) => ({
      loc: ['body', 'ajustes', name],
      msg: `Envie também ${name}: com outro ${moved}, o que está guardado iria para lá`,
      type: 'value_error',
    })),
  )
}

/** Refuses fields that are each valid, and contradict each other. */
function refuseContradictions(adapter: AnyAdapter, one: CanalGuardado, ajustes: unknown): void {
  const sends = canSend({ adapter, conta: { ajustes } })
  const textsPhones = adapter.textPhone !== undefined
  const rules: readonly [isWrong: boolean, field: string, msg: string][] = [
    [
      one.janela_h === 0 && one.gatilho === 'sempre',
      'janela_h',
      'Com gatilho `sempre` é preciso uma janela: sem ela cada mensagem seria um turno',
    ],
    [one.esperar && !sends, 'esperar', 'Sem poder enviar mensagens, quem espera nunca seria avisado'],
    [!adapter.gatilhos.includes(one.gatilho), 'gatilho', `Nesta plataforma: ${adapter.gatilhos.join(', ')}`],
    [
      one.gatilho === 'palavra' && one.palavras.length === 0,
      'palavras',
      'Com gatilho `palavra` é preciso ao menos uma',
    ],
    [one.avisar_consultor && !textsPhones, 'avisar_consultor', 'Esta plataforma não escreve a quem não escreveu antes'],
    [
      one.avisar_consultor && textsPhones && !sends,
      'avisar_consultor',
      'Sem as credenciais da plataforma em `ajustes` nada é enviado',
    ],
    [one.disponibilidade && !adapter.listPresences, 'disponibilidade', 'Esta plataforma não diz quem está online'],
  ]
  const problems = rules.flatMap(([isWrong, field, msg]) => (isWrong ? [problem(field, msg)] : []))
  if (problems.length > 0) throw unprocessable(problems)
}
