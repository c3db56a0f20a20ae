import { PipedriveFailure } from '../../integrations/pipedrive/failure.js'
import type { Core } from '../core.js'
import { type AjustesEmUso, allAjustes, settingsFor } from './ajustes.js'
import type { Connected } from './connect.js'

type Deps = Pick<Connected, 'account'> & Pick<Core, 'config' | 'connection'>

/** Where and with what a new deal is written, by the environment and by each chat account. Throws a PipedriveFailure. */
export async function inUse(deps: Deps) {
  const { account, config, connection } = deps
  await account.ensureCompany(config.PIPEDRIVE_DOMINIO)
  const { lugar, etiqueta, tipoAtividade, atividade, nota } = settingsFor(config)
  const { funil, etapa } = await account.lugar(lugar)
  const campos = await account.campos()
  const contas = []
  for (const one of await allAjustes(connection, config)) contas.push(await ofAccount(deps, one))
  return {
    funil: { id: etapa.pipeline_id, nome: funil?.name ?? null },
    etapa: { id: etapa.id, nome: etapa.name ?? null },
    campos: campos.map(({ nome, campo }) => ({
      nome,
      codigo: campo?.field_code ?? null,
      tipo: campo?.field_type ?? null,
    })),
    criar: config.PIPEDRIVE_CRIAR,
    etiqueta: await labelOf(deps, etiqueta),
    tipo_atividade: tipoAtividade,
    atividade,
    nota,
    contas,
  }
}

async function labelOf({ account, config }: Deps, nome: string | undefined) {
  if (nome === undefined) return null
  const isLead = config.PIPEDRIVE_CRIAR === 'lead'
  return { nome, id: (await (isLead ? account.etiquetaDeLead(nome) : account.etiqueta(nome))) ?? null }
}

/** What a chat account or one of its languages has, and what of it is not there. */
async function ofAccount(deps: Deps, { canal, idioma, ajustes, settings }: AjustesEmUso) {
  const { account } = deps
  const { lugar, atividade, nota, tipoAtividade } = settings
  const place = await account.lugar(lugar).catch(unlessUnknown)
  const etiqueta = await labelOf(deps, settings.etiqueta)
  const hasType = !atividade || (await account.hasType(tipoAtividade))
  const said = [ajustes.funil, ajustes.etapa].filter((part) => part !== undefined).join('/')
  const etapa = said === '' ? 'a etapa dos negócios novos' : `a etapa ${said}`
  const problemas = [
    ...(place ? [] : [`Não há ${etapa}: os atendimentos esperam até que haja`]),
    ...(etiqueta?.id === null ? [`Não há a etiqueta ${etiqueta.nome}: os negócios ficam sem ela`] : []),
    ...(hasType ? [] : [`Não há o tipo de atividade ${tipoAtividade}, ou ele está desativado`]),
  ]
  return {
    ...{ canal, idioma: idioma ?? null, atividade, nota, etiqueta, tipo_atividade: tipoAtividade, problemas },
    funil: place ? { id: place.etapa.pipeline_id, nome: place.funil?.name ?? null } : null,
    etapa: place ? { id: place.etapa.id, nome: place.etapa.name ?? null } : null,
  }
}

/** `undefined` for a stage that is not there, else throws again. */
function unlessUnknown(error: unknown): undefined {
  if (!(error instanceof PipedriveFailure) || error.falha !== 'etapa') throw error
}
