"""How notices that nobody wrote for this ticket begin and go on, by language.

``OPENINGS`` begin a legal notice, ``LEGAL`` are words that only such notices join; ``BANNERS`` stand above a message
that came from outside, ``FOOTERS`` below one that a list, a scanner or a mailing tool sent.
"""

from __future__ import annotations

from collections.abc import Mapping

OPENINGS: Mapping[str, str] = {
    "en": (
        "confidentiality notice; confidentiality note; disclaimer; legal notice; privacy notice:; e-mail disclaimer; "
        "this e-mail and any; this email and any; this message and any; this e-mail (including; this email "
        "(including; this e-mail message; this email message; this communication is; this communication and any; "
        "this message contains confidential; this e-mail contains confidential; this email contains confidential; "
        "this e-mail is confidential; this email is confidential; this message is confidential; the information in "
        "this; the information contained in this; the contents of this e; the content of this e; this transmission; "
        "this message is intended; this e-mail is intended; this email is intended; this message may contain; this "
        "e-mail may contain; this email may contain; privileged and confidential; please consider the environment; "
        "if you are not the intended recipient; if you have received this; think before you print; registered in "
        "england"
    ),
    "de": (
        "diese e-mail enthält; diese e-mail ist vertraulich; diese nachricht enthält vertrauliche; "
        "haftungsausschluss; der inhalt dieser e-mail; vertraulichkeitshinweis; diese mail enthält vertrauliche; "
        "rechtlicher hinweis; diese e-mail und alle; diese e-mail und etwaige; bitte denken sie an die umwelt; "
        "wichtiger hinweis: diese; denken sie an die umwelt; sollten sie nicht der richtige adressat; informationen "
        "zum datenschutz finden"
    ),
    "fr": (
        "ce message et toutes les pièces; ce message et ses; ce message est confidentiel; ce courriel et; ce "
        "courriel est; avis de confidentialité; ce message électronique; les informations contenues dans ce; pensez "
        "à l'environnement; avant d'imprimer; si vous n'êtes pas le destinataire; si vous avez reçu ce; clause de "
        "confidentialité"
    ),
    "es": (
        "este mensaje y sus; este correo electrónico; este mensaje contiene información; aviso legal; este mensaje "
        "va dirigido; aviso de confidencialidad; la información contenida en este; si usted no es el destinatario; "
        "antes de imprimir; este mensaje se dirige; si ha recibido este; le informamos que sus datos; cláusula de "
        "confidencialidad"
    ),
    "pt": (
        "esta mensagem e; este e-mail e; esta mensagem pode conter; este e-mail pode conter; aviso de "
        "confidencialidade; as informações contidas nest; esta mensagem contém; aviso legal; se você não é o "
        "destinatário; antes de imprimir; esta mensagem é confidencial; caso não seja o destinatário; esta mensagem, "
        "incluindo"
    ),
    "it": (
        "questo messaggio e; questa e-mail; le informazioni contenute in quest; avviso di riservatezza; ai sensi "
        "del; il presente messaggio; il contenuto di questa e-mail; prima di stampare; nota di riservatezza; questo "
        "messaggio di posta"
    ),
    "nl": (
        "dit e-mailbericht; deze e-mail is; deze e-mail en; de informatie in deze e-mail; dit bericht is; dit "
        "bericht kan; de informatie verzonden; de inhoud van dit bericht; denk aan het milieu; aan dit bericht "
        "kunnen geen rechten"
    ),
    "pl": (
        "niniejsza wiadomość; ta wiadomość; treść tej wiadomości; klauzula poufności; informacje zawarte w tej; "
        "zastrzeżenie:; ta wiadomość e-mail; administratorem danych osobowych; wiadomość ta zawiera; pomyśl o "
        "środowisku"
    ),
    "sv": ("detta e-postmeddelande; detta meddelande; denna e-post; informationen i detta; tänk på miljön; sekretess:"),
    "da": (
        "denne e-mail; denne mail; denne meddelelse; denne e-posten; denne e-post; tænk på miljøet; tenk på miljøet; "
        "oplysningerne i denne; informasjonen i denne; fortrolighedserklæring"
    ),
    "cs": (
        "tento e-mail; tato zpráva; informace obsažené v tét; obsah tohoto e-mailu; tato e-mailová zpráva; právní "
        "upozornění"
    ),
    "ja": "このメールは; 本メールは; このメールには; 本メールに; 本電子メール; この電子メール; このメッセージには",
    "zh": "本邮件; 此邮件; 本電子郵件; 此電子郵件; 本郵件; 免责声明; 保密声明; 此郵件; 这封电子邮件",
}

LEGAL: Mapping[str, str] = {
    "en": (
        "confidential; intended recipient; intended solely; intended only; privileged; received this; unauthorised; "
        "unauthorized; disseminat; legally protected; viruses; liability; before printing; addressee; registered "
        "office; registered in; proprietary; for the use of the; environment before; you print"
    ),
    "de": (
        "vertraulich; adressat; irrtümlich; unbefugte; haftung; handelsregister; amtsgericht; ausdrucken; rechtlich "
        "geschützt; empfänger; datenschutz"
    ),
    "fr": "confidentiel; destinataire; par erreur; responsabilité; imprimer; privilégi; strictement interdit",
    "es": "confidencial; destinatari; por error; prohibid; imprimir; privilegiad; protección de datos; rgpd",
    "pt": "confidencia; destinatári; por engano; proibid; imprimir; privilegiad; uso exclusivo; lgpd",
    "it": "riservat; destinatari; per errore; confidenzial; stampare; vietat; d.lgs; gdpr; 2016/679",
    "nl": (
        "vertrouwelijk; geadresseerde; bestemd voor; aansprakelijk; afdrukken; ontvangen; rechten worden ontleend; "
        "printen"
    ),
    "pl": "poufn; adresat; odbiorc; omyłkowo; danych osobowych; zabronion; drukiem; przeznaczon; srodowisk",
    "sv": "konfidentiell; mottagare; avsedd; misstag; skriver ut; sekretess; miljön",
    "da": "fortrolig; modtager; ved en fejl; konfidensiell; mottaker; feilaktig; udskriver; skriver ut; tiltænkt",
    "cs": "důvěrn; adresát; příjemc; omylem; určen; závazn; vytisk",
    "ja": "機密; 誤って; 受信者; 宛先; 秘密; 削除; 開示",
    "zh": "保密; 机密; 收件人; 误收; 機密; 收件者; 誤; 删除; 未经授权",
}

BANNERS: Mapping[str, str] = {
    "en": (
        "originated from outside; originates from outside; came from outside; external sender; external email:; sent "
        "from outside; from an external s; this is an external email; external email -; [external]; [ext]; do not "
        "click links or open attachments; do not click on links or open; don't often get email from; learn why this "
        "is important; caution: external; warning: external; be cautious with links; external message; verify the "
        "sender; you recognize the sender; you recognise the sender; report suspicious"
    ),
    "de": (
        "diese e-mail kommt von außerhalb; von außerhalb der organisation; externe e-mail; externer absender; von "
        "extern; sie erhalten nicht oft e-mail; von einem externen absender; [extern]"
    ),
    "fr": (
        "provient de l'extérieur; expéditeur externe; e-mail externe; courriel externe; message externe; vous "
        "n'obtenez pas souvent"
    ),
    "es": (
        "procede de fuera; remitente externo; correo externo; origen externo; fuera de la organización; no suele "
        "recibir correos"
    ),
    "pt": "remetente externo; e-mail externo; fora da organização; origem externa; você não costuma receber",
    "it": ("mittente esterno; email esterna; e-mail esterna; dall'esterno dell'organizzazione; proviene dall'esterno"),
    "nl": "externe afzender; van buiten de organisatie; externe e-mail; niet vaak een e-mail",
    "pl": "spoza organizacji; nadawca zewnętrzny; zewnętrznego nadawcy; wiadomość zewnętrzna",
    "sv": "utanför organisationen; extern avsändare; externt e-post; får inte ofta e-post",
    "da": "uden for organisationen; ekstern afsender; utenfor organisasjonen; ekstern avsender; ekstern e-mail",
    "cs": "mimo organizaci; externí odesílatel; z vnějšího zdroje; externí e-mail",
    "ja": "外部から送信; 組織外から; 社外からの; 外部メール",
    "zh": "来自外部; 外部邮件; 外部发件人; 來自外部; 外部郵件",
}

FOOTERS: Mapping[str, str] = {
    "en": (
        "to unsubscribe; unsubscribe from; unsubscribe |; click here to unsubscribe; manage your preferences; manage "
        "preferences; update your preferences; you are receiving this; you received this message because; you "
        "received this email because; view in browser; view this email in your browser; virus-free; © ; (c) 20; this "
        "email has been checked for viruses; this email has been scanned; this message has been scanned; scanned by; "
        "checked by avg; avast; no virus found; add us to your address book; email preferences; privacy policy |; "
        "all rights reserved; powered by zendesk; this email is a service from; delivered by zendesk; powered by "
        "jira; this message was sent by atlassian; if you no longer wish to receive; add a comment:; follow us on"
    ),
    "de": (
        "abmelden |; newsletter abmelden; sie erhalten diese e-mail; im browser ansehen; im browser anzeigen; "
        "virenfrei; diese e-mail wurde von avast; e-mail wurde auf viren; vom newsletter abmelden"
    ),
    "fr": (
        "se désabonner; vous désabonner; vous recevez ce; voir dans le navigateur; sans virus; l'absence de virus; "
        "pour vous désinscrire; afficher dans le navigateur"
    ),
    "es": (
        "darse de baja; para darse de baja; cancelar la suscripción; ha recibido este correo porque; libre de virus; "
        "ver en el navegador; recibe este correo"
    ),
    "pt": (
        "cancelar inscrição; cancelar a subscrição; você recebeu este e-mail porque; livre de vírus; ver no "
        "navegador; para deixar de receber; descadastr"
    ),
    "it": (
        "annulla iscrizione; disiscriv; ricevi questa e-mail; privo di virus; visualizza nel browser; per "
        "cancellarti; hai ricevuto questa"
    ),
    "nl": "afmelden |; uitschrijven; u ontvangt deze; virusvrij; bekijk in browser; je ontvangt deze",
    "pl": (
        "wypisz się; otrzymujesz tę wiadomość; otrzymujesz ten; wolna od wirusów; zobacz w przeglądarce; aby "
        "zrezygnować z"
    ),
    "sv": "avregistrera; avprenumerera; du får detta; virusfri; visa i webbläsare",
    "da": "afmeld; meld deg av; du modtager denne; du mottar denne; virusfri; vis i browser; vis i nettleser",
    "cs": "odhlásit odběr; tento e-mail jste obdrželi; bez virů; zobrazit v prohlížeči; pro odhlášení",
    "ja": "配信停止; このメールは配信; ウイルスフリー; ブラウザで表示; メール配信の停止",
    "zh": "退订; 取消订阅; 您收到此邮件; 在浏览器中查看; 无病毒; 取消訂閱",
}
