"""Words that close a letter, by language, as people write them; ``da`` stands for Danish and Norwegian."""

from __future__ import annotations

from collections.abc import Mapping

CLOSINGS: Mapping[str, str] = {
    "en": (
        "regards; best regards; kind regards; kindest regards; warm regards; warmest regards; many regards; with "
        "best regards; with kind regards; best wishes; kind wishes; with best wishes; warm wishes; sincerely; "
        "sincerely yours; yours sincerely; yours truly; yours faithfully; respectfully; yours; thanks and regards; "
        "thanks & regards; thank you and regards; thanks and best regards; cheers; best; all the best; rgds; br; kr; "
        "thx; with regards; take care; cordially; respectfully yours"
    ),
    "de": (
        "mit freundlichen grüßen; mit freundlichen gruessen; mit freundlichem gruß; freundliche grüße; mfg; viele "
        "grüße; viele gruesse; beste grüße; beste gruesse; liebe grüße; schöne grüße; lg; vg; mit besten grüßen; "
        "herzliche grüße; hochachtungsvoll; gruß; grüße; danke und gruß; besten gruß; freundliche gruesse; mit "
        "freundlichen grüssen; freundliche grüsse; beste grüsse; liebe grüsse"
    ),
    "fr": (
        "cordialement; bien cordialement; très cordialement; bien à vous; cdlt; cdt; salutations; sincères "
        "salutations; meilleures salutations; respectueusement; amicalement; bonne journée; salutations distinguées; "
        "bonne réception; sincèrement"
    ),
    "es": (
        "saludos; un saludo; saludos cordiales; un cordial saludo; cordialmente; atentamente; atte; muchos saludos; "
        "reciba un cordial saludo; muy atentamente; un abrazo; slds"
    ),
    "pt": (
        "atenciosamente; att; cumprimentos; com os melhores cumprimentos; melhores cumprimentos; abraços; "
        "cordialmente; respeitosamente; saudações; grato; grata; abraço"
    ),
    "it": (
        "cordiali saluti; distinti saluti; saluti; un saluto; cordialmente; buona giornata; buon lavoro; con i "
        "migliori saluti; in attesa di un vostro riscontro; un cordiale saluto"
    ),
    "nl": (
        "met vriendelijke groet; met vriendelijke groeten; vriendelijke groet; vriendelijke groeten; mvg; hartelijke "
        "groeten; hartelijke groet; groeten; groet; groetjes; hoogachtend; gr"
    ),
    "pl": (
        "pozdrawiam; z poważaniem; z wyrazami szacunku; pozdrawiam serdecznie; serdecznie pozdrawiam; pozdr; łączę "
        "pozdrowienia; pozdrowienia"
    ),
    "sv": (
        "med vänlig hälsning; med vänliga hälsningar; vänliga hälsningar; hälsningar; vänligen; mvh; vänlig "
        "hälsning; bästa hälsningar; hälsar"
    ),
    "da": (
        "med venlig hilsen; venlig hilsen; med vennlig hilsen; vennlig hilsen; hilsen; mvh; vh; hilsner; de bedste "
        "hilsner; bedste hilsner; beste hilsen; mange hilsner; på forhånd tak; på forhånd takk"
    ),
    "cs": "s pozdravem; s přátelským pozdravem; s úctou; zdraví; hezký den; pěkný den; s přáním pěkného dne",
    "ja": (
        "よろしくお願いします; よろしくお願いいたします; 宜しくお願い致します; 敬具; 以上; "
        "何卒よろしくお願い申し上げます"
    ),
    "zh": "此致; 此致敬礼; 敬礼; 祝好; 谢谢; 顺祝商祺; 此致敬禮; 謝謝; 祝商祺",
}

THANKS: Mapping[str, str] = {
    "en": "thanks; thank you; many thanks; thanks in advance; thanks a lot; thank you in advance; ty; tia",
    "de": "danke; vielen dank; danke im voraus; vielen dank im voraus; besten dank; danke schön",
    "fr": "merci; merci d'avance; merci beaucoup; d'avance merci; avec mes remerciements",
    "es": "gracias; muchas gracias; gracias de antemano; desde ya muchas gracias",
    "pt": "obrigado; obrigada; muito obrigado; muito obrigada; desde já agradeço; obg",
    "it": "grazie; grazie mille; grazie in anticipo; molte grazie",
    "nl": "bedankt; dank u; dank je; alvast bedankt; dank je wel; dank u wel; bij voorbaat dank",
    "pl": "dziękuję; dzięki; z góry dziękuję; dziękuję z góry",
    "sv": "tack; tack på förhand; tack så mycket",
    "da": "tak; takk; mange tak; mange takk; tusen takk",
    "cs": "děkuji; díky; předem děkuji; děkujeme",
    "ja": "ありがとうございます; ありがとうございました",
    "zh": "多谢; 感谢; 非常感谢",
}

SENT_FROM: Mapping[str, str] = {
    "en": "sent from; sent via; sent with; get outlook for; sent using; sent on the go",
    "de": (
        "gesendet von; gesendet mit; von meinem iphone gesendet; von meinem ipad gesendet; holen sie sich outlook; "
        "von meinem smartphone gesendet; diese nachricht wurde von meinem; outlook für"
    ),
    "fr": "envoyé de mon; envoyé depuis; envoyé à partir de; envoyé de; obtenir outlook pour; télécharger outlook",
    "es": "enviado desde; enviado con; obtener outlook para; enviado de",
    "pt": "enviado do; enviado a partir; enviado de; obter o outlook para; enviado pelo; enviado via",
    "it": "inviato da; inviato dal; ottieni outlook per; scarica outlook per",
    "nl": "verzonden vanaf; verstuurd vanaf; verzonden met; outlook voor; verstuurd via; verzonden via",
    "pl": "wysłane z; wysłano z; pobierz outlook; wysłane za pomocą",
    "sv": "skickat från; hämta outlook för; skickades från",
    "da": "sendt fra; hent outlook til; last ned outlook for; sendt via",
    "cs": "odesláno z; posláno z; získat outlook pro; odesláno ze",
    "ja": (
        "iphoneから送信; ipadから送信; 私のiphoneから送信; outlook for を入手; androidから送信; スマートフォンから送信"
    ),
    "zh": "发自我的; 從我的; 从我的; 來自我的; 发自; 傳送自; 获取 outlook; 取得 outlook",
}
