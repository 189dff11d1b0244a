using Microsoft.ML;
using MLNet.FineTune.Pretraining;

namespace MLNet.FineTune;

/// <summary>Options of <see cref="FineTuningCatalog.Pretrain(IDataView, EncoderSource, string, EncoderPretrainingOptions)"/>: which columns hold the corpus, and how the encoder is trained on it.</summary>
public sealed class EncoderPretrainingOptions
{
    /// <summary>The column of texts, a paragraph a row.</summary>
    /// <value>Default <c>Text</c>.</value>
    public string TextColumnName { get; set; } = "Text";

    /// <summary>A column that names the document each text is part of: rows that follow each other with the same name are paragraphs of one document.</summary>
    /// <value>Default <see langword="null"/>: each row is a document of its own.</value>
    public string? DocumentColumnName { get; set; }

    /// <summary>A column with the heading each text stands under, for <see cref="PassagePairs.Heading"/>.</summary>
    /// <value>Default <see langword="null"/>: there are no headings.</value>
    public string? HeadingColumnName { get; set; }

    /// <summary>A column that names the collection each text is from, for <see cref="ContrastiveLearning.GroupBySource"/>.</summary>
    /// <value>Default <see langword="null"/>: all texts are of one collection.</value>
    public string? SourceColumnName { get; set; }

    /// <summary>Texts that must not be learnt from, such as those that the encoder will be judged by: rows whose text or heading holds one of them, word for word, are left out.</summary>
    /// <value>Default: none. Texts of fewer than five words have no effect: they occur everywhere.</value>
    public IReadOnlyCollection<string> ExcludedTexts { get; set; } = [];

    /// <summary>What is learnt and how: losses, length, optimiser, schedule, checkpoints, progress and cancellation.</summary>
    /// <value>Default: masked language modelling, one pass over the corpus.</value>
    public PretrainingOptions Pretraining { get; set; } = new();

    /// <summary>The folder below which the tokenised corpus goes while training runs, 4 bytes a token and 16 a sentence (twice with a teacher of another vocabulary); made where it is absent.</summary>
    /// <value>Default <see langword="null"/>: the temporary folder of the <see cref="MLContext"/>.</value>
    public string? WorkDirectory { get; set; }

    /// <summary>The GPU to compute on.</summary>
    /// <value>Default <see langword="null"/>: that of the <see cref="MLContext"/>, else the CPU.</value>
    public int? GpuDeviceId { get; set; }

    /// <summary>Whether the CPU serves where the GPU cannot be used.</summary>
    /// <value>Default <see langword="null"/>: as the <see cref="MLContext"/> says.</value>
    public bool? FallbackToCpu { get; set; }

    internal CorpusColumns Columns => new(TextColumnName, DocumentColumnName, HeadingColumnName, SourceColumnName);

    /// <exception cref="ArgumentException">An option is missing or out of range; names it, what was found and what is expected.</exception>
    internal void Validate()
    {
        const string Owner = nameof(EncoderPretrainingOptions);
        Require(!string.IsNullOrWhiteSpace(TextColumnName), nameof(TextColumnName), TextColumnName, "a column's name");
        foreach ((string option, string? name) in new[] { (nameof(DocumentColumnName), DocumentColumnName), (nameof(HeadingColumnName), HeadingColumnName), (nameof(SourceColumnName), SourceColumnName) })
            Require(name is null || name.Trim().Length > 0, option, name, "null or a column's name");
        Require(WorkDirectory is null || WorkDirectory.Trim().Length > 0, nameof(WorkDirectory), WorkDirectory, "null or a path");
        PretrainingOptions.Require(ExcludedTexts is not null && !ExcludedTexts.Contains(null!), Owner, nameof(ExcludedTexts), ExcludedTexts is null ? null : "a list with null in it", "texts");
        PretrainingOptions.Require(Pretraining is not null, Owner, nameof(Pretraining), Pretraining, nameof(PretrainingOptions));
        Pretraining!.Validate();
        PretrainingOptions.Require(Pretraining.Contrastive?.Pairs != PassagePairs.Heading || HeadingColumnName is not null, Owner, nameof(HeadingColumnName), HeadingColumnName,
            $"the column of the headings that {nameof(ContrastiveLearning)}.{nameof(ContrastiveLearning.Pairs)} = {PassagePairs.Heading} pairs texts with");

        static void Require(bool valid, string option, string? found, string expected) => PretrainingOptions.Require(valid, Owner, option, found is null ? null : $"'{found}'", expected);
    }
}
