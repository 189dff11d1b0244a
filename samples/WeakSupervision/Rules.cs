using MLNet.FineTune;

namespace WeakSupervision;

/// <summary>Rules of thumb about support requests, written in some minutes by looking at a few of them. Each votes for an intent or abstains; they may be wrong and contradict each other.</summary>
internal static class Rules
{
    public static readonly string[] Intents =
    [
        "app-crash", "cancel-subscription", "change-address", "damaged-item", "delete-account", "delivery-status",
        "feature-request", "invoice-copy", "password-reset", "payment-failed", "refund-request", "speak-to-human",
    ];

    public static LabelingFunctions<SupportRequest> Create()
    {
        var rules = new LabelingFunctions<SupportRequest>(Intents);
        void Words(string name, string intent, params string[] words) => rules.AddKeyword(name, intent, request => request.Text, words);

        Words("crash words", "app-crash", "crash", "crashes", "crashed", "crashing", "freezes", "freeze", "frozen", "won't open", "won't launch", "black screen", "blank screen", "bug", "bugs");
        rules.AddRegex("app does not", "app-crash", request => request.Text, @"\bapp\b.*\b(closes|stops|hangs|stuck|launch|load)");
        Words("cancel words", "cancel-subscription", "cancel", "cancelled", "cancellation", "renew", "auto renewal", "unsubscribe");
        rules.AddRegex("end a plan", "cancel-subscription", request => request.Text, @"\b(end|stop|quit|pause)\b.*\b(plan|subscription|membership|premium|trial)");
        Words("address words", "change-address", "address", "adress", "postcode", "zip code", "moved", "apartment", "street");
        Words("damage words", "damaged-item", "broken", "damaged", "cracked", "scratched", "dented", "defective", "torn", "bent", "chipped", "smashed", "pieces");
        rules.AddRegex("remove an account", "delete-account", request => request.Text, @"\b(delete|remove|erase|close|wipe|gone)\b.*\b(account|acount|profile|data|registration)|\b(account|profile)\b.*\b(deleted|removed|erased|closed)");
        Words("privacy words", "delete-account", "permanently", "personal data", "forgotten", "erase", "privacy");
        Words("delivery words", "delivery-status", "tracking", "shipped", "arrive", "delivery date", "delayed", "courier", "on its way");
        rules.AddRegex("where is it", "delivery-status", request => request.Text, @"\b(where|when)\b.*\b(package|parcel|order|delivery|shipment)|\b(package|parcel|order)\b.*\b(yet|still)");
        Words("wish words", "feature-request", "feature", "suggestion", "idea", "wish", "would be great", "it would be", "any plans", "any chance", "add a", "option");
        Words("invoice words", "invoice-copy", "invoice", "invoices", "receipt", "receipts", "bill", "proof of purchase", "vat");
        Words("password words", "password-reset", "password", "passwords", "log in", "login", "sign in", "signing in", "locked out", "reset link", "verification code");
        Words("payment words", "payment-failed", "declined", "payment fails", "payment failed", "payment error", "checkout", "transaction", "refused", "charge my card");
        rules.AddRegex("cannot pay", "payment-failed", request => request.Text, @"\b(can't|cannot|unable to|how do i)\b.*\bpay\b");
        Words("money back", "refund-request", "refund", "refunded", "refunds", "money back", "reimburse", "return it");
        Words("person words", "speak-to-human", "human", "agent", "operator", "representative", "real person", "manager", "someone", "somebody", "robot", "bot", "call me");
        // A rule may be any code: short angry texts that ask for a person.
        rules.Add("talk", request => request.Text.Contains("talk", StringComparison.OrdinalIgnoreCase) || request.Text.Contains("speak", StringComparison.OrdinalIgnoreCase) ? "speak-to-human" : null);
        return rules;
    }
}
