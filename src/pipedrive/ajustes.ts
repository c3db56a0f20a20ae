import type { Connection } from 'mongoose'
import type { SyncSettings } from '../../integrations/pipedrive/sync-state.js'
import type { Config } from '../config.js'
import { LIMIT } from '../lib/mongo.js'
import { omitUndefined } from '../lib/omit.js'
import { sameLanguage } from '../vez/rules/eligibility.js'
import type { Ajustes, AjustesDaConta } from './ajustes-da-conta.js'

type Settings = Pick<
  SyncSettings,
  'lugar' | 'etiqueta' | 'atividade' | 'tipoAtividade' | 'atividadeMin' | 'nota' | 'titulo' | 'assunto' | 'textoNota'
>

/** What each chat account says, by its slug; read anew for each sync, so that a change counts at once. */
export const readAjustes = async (connection: Connection, slug: string): Promise<AjustesDaConta | undefined> =>
  (await canais(connection).findOne({ _id: slug }, { projection: { pipedrive: 1 }, ...LIMIT }))?.pipedrive

/** What one account says, all in all or for one language. */
export interface AjustesEmUso {
  readonly canal: string
  readonly idioma: string | undefined
  /** For people, as `vendas` or `vendas, es`. */
  readonly nome: string
  readonly ajustes: Ajustes
  readonly settings: Settings
}

/** Each account that says something, and each of its languages. */
export async function allAjustes(connection: Connection, config: Config): Promise<AjustesEmUso[]> {
  const all = await canais(connection)
    .find({ pipedrive: { $exists: true } }, { projection: { pipedrive: 1 }, sort: { _id: 1 }, ...LIMIT })
    .toArray()
  return all.flatMap(({ _id: canal, pipedrive = {} }) => {
    const { por_idioma = {}, ...own } = pipedrive
    const languages: [string | undefined, Ajustes][] = [[undefined, own], ...Object.entries(por_idioma)]
    return languages.flatMap(([idioma, ajustes]) => {
      const nome = idioma === undefined ? canal : `${canal}, ${idioma}`
      const isEmpty = Object.keys(ajustes).length === 0
      return isEmpty ? [] : [{ canal, idioma, nome, ajustes, settings: settingsFor(config, pipedrive, idioma) }]
    })
  })
}

/** A chat account, as far as this room reads it. */
interface ContaDeChat {
  readonly _id: string
  /** Absent in accounts that an earlier release made. */
  readonly pipedrive?: AjustesDaConta
}

const canais = (connection: Connection) => connection.collection<ContaDeChat>('canais')

/** What counts for a customer of this account and language: its language over the account over the environment, field by field. */
export function settingsFor(
  config: Config,
  { por_idioma = {}, ...account }: AjustesDaConta = {},
  idioma?: string,
): Settings {
  const levels = [ofEnvironment(config), omitUndefined(account), omitUndefined(ofLanguage(por_idioma, idioma))]
  const merged: Ajustes = Object.assign({}, ...levels)
  const [funil, etapa] = (['funil', 'etapa'] as const).map((name) =>
    levels.findLastIndex((level) => level[name] !== undefined),
  )
  return {
    lugar: omitUndefined({
      funil: toReference(merged.funil),
      etapa: toReference(merged.etapa),
      primeiro: funil === etapa ? undefined : Number(funil) > Number(etapa) ? ('funil' as const) : ('etapa' as const),
      daConta: Math.max(Number(funil), Number(etapa)) > 0 || undefined,
    }),
    etiqueta: merged.etiqueta ?? undefined,
    atividade: merged.atividade ?? true,
    tipoAtividade: merged.tipo_atividade ?? config.PIPEDRIVE_TIPO_ATIVIDADE,
    atividadeMin: merged.atividade_min ?? config.PIPEDRIVE_ATIVIDADE_MIN,
    nota: merged.nota ?? true,
    titulo: merged.titulo,
    assunto: merged.assunto,
    textoNota: merged.texto_nota,
  }
}

const ofEnvironment = (config: Config): Ajustes =>
  omitUndefined({
    funil: config.PIPEDRIVE_FUNIL,
    etapa: config.PIPEDRIVE_ETAPA,
    etiqueta: config.PIPEDRIVE_ETIQUETA,
    atividade: config.PIPEDRIVE_ATIVIDADE === 'sim',
    nota: config.PIPEDRIVE_NOTA === 'sim',
    titulo: config.PIPEDRIVE_TITULO,
    assunto: config.PIPEDRIVE_ASSUNTO,
    texto_nota: config.PIPEDRIVE_TEXTO_NOTA,
  })

/** The very code comes before one that only matches. */
function ofLanguage(all: NonNullable<AjustesDaConta['por_idioma']>, idioma: string | undefined): Ajustes {
  if (idioma === undefined) return {}
  const plain = (code: string): string => code.toLowerCase().replaceAll('_', '-')
  const codes = Object.keys(all)
  const code = codes.find((one) => plain(one) === plain(idioma)) ?? codes.find((one) => sameLanguage(one, idioma))
  return (code === undefined ? undefined : all[code]) ?? {}
}

const toReference = (written: number | string | undefined): number | string | undefined =>
  typeof written === 'string' && /^\d{1,15}$/.test(written) ? Number(written) : written
