namespace MLNet.FineTune.Encoders.Families;

/// <summary>The families this library reads; one row each.</summary>
internal static class EncoderFamilies
{
    public static IReadOnlyList<EncoderFamily> All { get; } =
    [
        new BertFamily(),
        new RobertaFamily("roberta"),
        new RobertaFamily("xlm-roberta"),
        new DistilBertFamily(),
        new MPNetFamily(),
        new ElectraFamily(),
        new AlbertFamily(),
        new DebertaV2Family(),
    ];
}
