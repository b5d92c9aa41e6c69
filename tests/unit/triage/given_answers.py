"""Answers as agents give them, made up for tests: the same one anew, in other words, and others as polite.

``SAME``: by what is asked, an answer, the same with small changes, and the same as a colleague would put it.
``OTHERS``: answers to something else, some of them about nearly the same; ``EMPTY``: words that answer nothing.
"""

from __future__ import annotations

from collections.abc import Mapping

SAME: Mapping[str, tuple[str, str, str]] = {
    "invite a colleague": (
        "Hi Ada,\n\nThank you for reaching out to us. To invite a colleague, open Settings, choose Members and press "
        "Invite. Enter their e-mail address and pick a role; they get a link that is valid for seven days. Only "
        "owners can invite people.\n\nLet me know if you have any other questions.\n\nBest regards,\nMia",
        "Hello Ben,\n\nthanks for your message. To invite a colleague please open Settings, choose Members and press "
        "the Invite button. Enter the e-mail address, pick a role, and they will get a link that is valid for seven "
        "days. Note that only owners can invite people.\n\nKind regards,\nTom",
        "Good morning,\n\nnew people are added under Settings > Members: press Invite there, enter their e-mail "
        "address and pick a role. The link in the invitation is valid for seven days, and you must be an owner to "
        "invite people.\n\nCheers,\nLee",
    ),
    "export contacts": (
        "Hi Eve,\n\nYou can export your contacts as a CSV file: open Contacts, tick the ones that you need, choose "
        "Export from the menu at the top right and select CSV. The file is sent to you by e-mail within ten "
        "minutes.\n\nThank you for your patience!\nMia",
        "Hello Carl,\n\nsure, that works. Open Contacts, tick the ones you need, choose Export from the menu at the "
        "top right and select CSV. Within ten minutes the file is sent to you by e-mail.\n\nHave a great day,\nTom",
        "Hi there,\n\nin Contacts tick everybody you need, then choose Export from the menu at the top right and "
        "select CSV as format. We send the file to you by e-mail, usually within ten minutes.\n\nBest,\nLee",
    ),
    "change the invoice address": (
        "Hi Dora,\n\nThe address on your invoices can be changed by the account owner: go to Billing, open Company "
        "details, edit the address and save. Invoices that were issued already stay as they are; the next one will "
        "show the new address.\n\nPlease let us know if anything is unclear.\n\nKind regards,\nMia",
        "Hi Fritz,\n\nthe account owner can change the address on your invoices: go to Billing, open Company details, "
        "edit the address and save. Invoices which were issued already stay as they are, and the next one will show "
        "the new address.\n\nThanks,\nTom",
        "Dear Ms Gold,\n\nplease ask the account owner to go to Billing and open Company details, where the address "
        "can be edited. What was issued already stays as it is; the new address will show on the next invoice.\n\nAll "
        "the best,\nLee",
    ),
    "two calendars": (
        "Hello,\n\nIt is possible to connect more than one calendar. Open your profile, select Integrations, click "
        "Add calendar and sign in with the second account. Events of both calendars then block your availability, but "
        "new bookings are written to the first one only.\n\nI hope this helps!\nMia",
        "Hello Hans,\n\nyes, it is possible to connect more than one calendar: open your profile, select "
        "Integrations, click Add calendar and sign in with your second account. The events of both calendars then "
        "block your availability; new bookings are written to the first one only.\n\nBest regards\nTom",
        "Hi,\n\nyou can connect a second calendar in your profile under Integrations: click Add calendar and sign in "
        "with the other account. Both calendars block your availability then, while new bookings are written to the "
        "first one.\n\nRegards,\nLee",
    ),
    "archive a project": (
        "Hi Ines,\n\nA project that is done can be archived: open the project, click the three dots next to its name "
        "and choose Archive. Nothing is deleted, members can still read it, and you can bring it back at any time "
        "from the list of archived projects.\n\nThank you for being our customer.\nMia",
        "Hi Jo,\n\na finished project can be archived. Open the project, click the three dots next to its name, "
        "choose Archive. Nothing is deleted, all members can still read it and you can bring it back any time from "
        "the list of archived projects.\n\nThank you,\nTom",
        "Hello Kim,\n\nthere is Archive behind the three dots next to the name of the project. Members can still read "
        "what is archived, nothing is deleted, and it can be brought back at any time from the list of archived "
        "projects.\n\nKind regards,\nLee",
    ),
    "the time zone of reports": (
        "Hi Lena,\n\nReports use the time zone of the workspace and not the one of your browser. An admin can change "
        "it under Workspace, General, Time zone. Numbers of the past are computed again over night, so please look at "
        "them tomorrow.\n\nSorry for the confusion!\nMia",
        "Hi Marc,\n\nour reports use the time zone of the workspace, not that of your browser. Your admin can change "
        "it under Workspace, General, Time zone. The numbers of the past are computed again over night, so look at "
        "them tomorrow please.\n\nBest regards,\nTom",
        "Hi,\n\nthe numbers are in the time zone of the workspace, whatever your browser says. Under Workspace, "
        "General, Time zone an admin can change it; the past is computed again over night.\n\nBest,\nLee",
    ),
    "a key for the api": (
        "Hi Nora,\n\nKeys for the API are made by admins: open Developers, press New key, give it a name and copy it "
        "at once, because it is shown a single time. Each key may do what its maker may do, and it can be revoked on "
        "the same page.\n\nBest regards,\nMia",
        "Hello Otto,\n\nan admin makes keys for the API: open Developers, press New key, give it a name and copy it "
        "at once, since it is shown a single time. Each key may do what its maker may do and can be revoked on the "
        "same page.\n\nThank you for contacting us,\nTom",
        "Hello,\n\nplease ask an admin to open Developers and press New key. The key is shown a single time, so copy "
        "it at once. It may do what its maker may do; revoke it on the same page when you need it no longer.\n\nLee",
    ),
    "move tasks": (
        "Hi Pia,\n\nTo move several tasks to another board, hold Shift and click them, then drag them to the board in "
        "the bar on the left. Their comments and files move with them, the labels only when the other board has "
        "labels of the same name.\n\nPlease do not hesitate to contact us again.\n\nKind regards,\nMia",
        "Hi Quinn,\n\nto move several tasks to another board you hold Shift, click them and drag them to the board in "
        "the bar on the left. Comments and files move with them; labels only when the other board has labels of the "
        "same name.\n\nKind regards,\nTom",
        "Hello,\n\nselect the tasks with Shift and a click on each, then drag them to the other board in the bar on "
        "the left. Files and comments move along, labels too if the other board has labels of the same name.\n\nLee",
    ),
    "seats that are not used": (
        "Hi Rosa,\n\nA seat is freed as soon as its user is deactivated: open Members, choose the person and click "
        "Deactivate. You keep the seat until the end of the paid month, and can give it to somebody else or remove it "
        "under Plan.\n\nThank you for your understanding.\nMia",
        "Hi Sam,\n\na seat is freed as soon as the user is deactivated. Open Members, choose the person and click "
        "Deactivate. Until the end of the paid month you keep the seat and can give it to somebody else, or remove it "
        "under Plan.\n\nThank you,\nTom",
        "Hello,\n\nplease open Members, choose the person who left and click Deactivate, and the seat is freed. It "
        "stays yours until the end of the paid month; remove it under Plan or give it to somebody else.\n\nLee",
    ),
    "Spracheinstellung": (
        "Hallo Uta,\n\nvielen Dank für Ihre Nachricht. Die Sprache ändern Sie in Ihrem Profil: oben rechts auf das "
        "Bild klicken, Einstellungen wählen und unter Anzeige die Sprache einstellen. Die E-Mails folgen der Sprache "
        "des Arbeitsbereichs, die nur ein Administrator ändern kann.\n\nMit freundlichen Grüßen\nMia",
        "Guten Tag Herr Vogt,\n\ndie Sprache ändern Sie in Ihrem Profil: klicken Sie oben rechts auf das Bild, wählen "
        "Sie Einstellungen und stellen Sie unter Anzeige die Sprache ein. Die E-Mails folgen der Sprache des "
        "Arbeitsbereichs, die nur ein Administrator ändern kann.\n\nViele Grüße\nTom",
        "Hallo,\n\nin den Einstellungen (oben rechts auf das Bild klicken) lässt sich unter Anzeige die Sprache "
        "einstellen. Für E-Mails gilt die Sprache des Arbeitsbereichs, die nur ein Administrator ändern kann.\n\nLee",
    ),
}

OTHERS: tuple[str, ...] = (
    "Hi Ada,\n\nThank you for reaching out to us. To remove a colleague, open Settings, choose Members, click the "
    "three dots next to the name and press Remove. What the person wrote stays in the workspace and is shown under "
    "the old name.\n\nLet me know if you have any other questions.\n\nBest regards,\nMia",
    "Hi Eve,\n\nYou can import contacts from a CSV file: open Contacts, press Import, upload the file and match its "
    "columns to our fields. Rows without an e-mail address are left out and listed for you at the end.\n\nThank you "
    "for your patience!\nMia",
    "Hi Dora,\n\nInvoices can be downloaded as PDF: go to Billing, open History and click the arrow next to the "
    "month. If your accounting needs them by e-mail, add its address under Billing contacts.\n\nPlease let us know if "
    "anything is unclear.\n\nKind regards,\nMia",
    "Hello,\n\nTo cancel a booking open it in your calendar, choose Cancel and write a few words; the guest gets them "
    "by e-mail. A booking in the past cannot be cancelled, but it can be marked as not attended.\n\nI hope this "
    "helps!\nMia",
    "Hi Ines,\n\nA deleted project stays in the bin for thirty days: open the bin at the bottom of the list, choose "
    "the project and press Restore. After that it is gone and we cannot bring it back either.\n\nThank you for being "
    "our customer.\nMia",
    "Hi Lena,\n\nScheduled reports are sent every Monday at eight o'clock. Under Reports, Schedules you can choose "
    "another day, add recipients, or pause a schedule while you are away.\n\nSorry for the confusion!\nMia",
    "Hi Nora,\n\nWebhooks tell your server of every change: open Developers, press New webhook, enter an address that "
    "answers within five seconds and choose the events. Deliveries that fail are tried again for a day.\n\nBest "
    "regards,\nMia",
    "Hi Pia,\n\nRecurring tasks are set up in the task itself: click its date, choose Repeat and select how often. "
    "The next one is made when the current one is completed, and it takes over the description but not the "
    "comments.\n\nPlease do not hesitate to contact us again.\n\nKind regards,\nMia",
    "Hi Rosa,\n\nYou can change from monthly to yearly payment at any time under Plan, Change interval. What is left "
    "of the current month is taken off the price of the year, and the discount of ten percent counts at "
    "once.\n\nThank you for your understanding.\nMia",
    "Hallo Uta,\n\nvielen Dank für Ihre Nachricht. Das Passwort setzen Sie auf der Anmeldeseite zurück: klicken Sie "
    "auf Passwort vergessen und geben Sie Ihre Adresse ein. Der Link gilt eine Stunde; danach fordern Sie bitte einen "
    "neuen an.\n\nMit freundlichen Grüßen\nMia",
    "Hi Tess,\n\nThank you for reaching out to us. Two-factor login is switched on under Profile, Security: scan the "
    "code with an app and enter the six digits. Keep the recovery codes in a safe place, each works once.\n\nLet me "
    "know if you have any other questions.\n\nBest regards,\nMia",
    "Hi Will,\n\nThank you for your message. The mobile app shows your own tasks only; to see those of your team open "
    "the menu, choose Views and select Team. On a tablet the view can be pinned to the start page.\n\nKind "
    "regards,\nTom",
)

EMPTY: tuple[str, ...] = (
    "Hi Ada,\n\nThank you for your patience. We are looking into it and will get back to you as soon as possible. We "
    "apologize for the inconvenience this may have caused.\n\nBest regards,\nMia",
    "Hello Ben,\n\nThank you for contacting us. We have passed your request on to our specialists and will get back "
    "to you as soon as we hear from them. We are sorry for the inconvenience.\n\nKind regards,\nTom",
    "Hi Carl,\n\nI am glad to hear that it works now! Please do not hesitate to contact us if you have any other "
    "questions. Have a great day!\n\nBest,\nLee",
    "Hi Dora,\n\nCould you please tell us which browser and which version you use, and since when you see it? A "
    "screenshot of the whole page would help us as well.\n\nThank you,\nMia",
    "Hallo Uta,\n\nvielen Dank für Ihre Geduld. Wir kümmern uns darum und melden uns, sobald wir mehr wissen. Bitte "
    "entschuldigen Sie die Unannehmlichkeiten.\n\nMit freundlichen Grüßen\nMia",
    "Hi Fay,\n\nThanks for letting us know. We will take a closer look and keep you posted. Please let us know if "
    "there is anything else we can help you with in the meantime.\n\nKind regards,\nTom",
)
