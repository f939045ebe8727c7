//! Locales: where names, addresses and words are at home. They are those of the `fake` crate.

use scn_plan::Record;

/// A locale.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Locale {
    En,
    Ar,
    Cy,
    De,
    Fa,
    Fr,
    It,
    Ja,
    Nl,
    PtBr,
    PtPt,
    Tr,
    ZhCn,
    ZhTw,
}

/// The argument `locale`.
pub(super) fn locale(args: &Record) -> Result<Locale, String> {
    let Some(value) = args.get("locale") else { return Ok(Locale::En) };
    let name = value.as_str().unwrap_or_default();
    Ok(match name {
        "en" => Locale::En,
        "ar" => Locale::Ar,
        "cy" => Locale::Cy,
        "de" => Locale::De,
        "fa" => Locale::Fa,
        "fr" => Locale::Fr,
        "it" => Locale::It,
        "ja" => Locale::Ja,
        "nl" => Locale::Nl,
        "pt_br" => Locale::PtBr,
        "pt_pt" => Locale::PtPt,
        "tr" => Locale::Tr,
        "zh_cn" => Locale::ZhCn,
        "zh_tw" => Locale::ZhTw,
        _ => return Err(format!("knows no locale {value}")),
    })
}

/// A text that `$faker` makes in a locale.
macro_rules! localized {
    ($locale:expr, $draw:expr, $faker:expr) => {{
        use fake::{Fake, locales::*};
        use $crate::generate::locale::Locale;
        let rng = &mut *$draw.rng;
        let made: String = match $locale {
            Locale::En => $faker(EN).fake_with_rng(rng),
            Locale::Ar => $faker(AR_SA).fake_with_rng(rng),
            Locale::Cy => $faker(CY_GB).fake_with_rng(rng),
            Locale::De => $faker(DE_DE).fake_with_rng(rng),
            Locale::Fa => $faker(FA_IR).fake_with_rng(rng),
            Locale::Fr => $faker(FR_FR).fake_with_rng(rng),
            Locale::It => $faker(IT_IT).fake_with_rng(rng),
            Locale::Ja => $faker(JA_JP).fake_with_rng(rng),
            Locale::Nl => $faker(NL_NL).fake_with_rng(rng),
            Locale::PtBr => $faker(PT_BR).fake_with_rng(rng),
            Locale::PtPt => $faker(PT_PT).fake_with_rng(rng),
            Locale::Tr => $faker(TR_TR).fake_with_rng(rng),
            Locale::ZhCn => $faker(ZH_CN).fake_with_rng(rng),
            Locale::ZhTw => $faker(ZH_TW).fake_with_rng(rng),
        };
        made
    }};
}

pub(super) use localized;
