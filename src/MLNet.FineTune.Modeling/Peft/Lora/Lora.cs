using System.Text.Json.Nodes;
using MLNet.FineTune.Encoders;
using MLNet.FineTune.Peft;
using Microsoft.ML.SearchSpace;
using static TorchSharp.torch;

namespace MLNet.FineTune;

/// <summary>
/// Low-rank adaptation: a frozen weight W gets the trained update (α/r)·B·A with A of shape [r, inputs] and B of shape
/// [outputs, r]; B starts at zero, so that training starts from the base model, and the update can be merged into W
/// (Hu et al. 2021, "LoRA: Low-Rank Adaptation of Large Language Models", arXiv 2106.09685).
/// </summary>
[PeftMethodName("lora")]
public sealed record Lora : PeftMethod
{
    private const double WordRate = 0.005;

    /// <summary>Rank r of the update.</summary>
    /// <value>8.</value>
    [Range(1, 64, init: 8, logBase: true)]
    public int Rank { get; set; } = 8;

    /// <summary>α: the update is scaled by α/r, or α/√r with <see cref="RankStabilized"/>.</summary>
    /// <value>16.</value>
    [Range(1f, 128f, init: 16f, logBase: true)]
    public float Alpha { get; set; } = 16;

    /// <summary>Probability of dropout on the input of the update, while training.</summary>
    /// <value>0.</value>
    [Range(0f, 0.5f, init: 0f)]
    public float Dropout { get; set; }

    /// <summary>Scales by α/√r, which keeps large ranks learning (Kalajdzievski 2023, "rsLoRA", arXiv 2312.03732).</summary>
    /// <value>False.</value>
    [BooleanChoice(false)]
    public bool RankStabilized { get; set; }

    /// <summary>
    /// Trains the length of each row of the weight apart from its direction, which the update changes: closer to full fine-tuning at low
    /// ranks, for a slower step (Liu et al. 2024, "DoRA: Weight-Decomposed Low-Rank Adaptation", arXiv 2402.09353).
    /// </summary>
    /// <value>False.</value>
    [BooleanChoice(false)]
    public bool UseDora { get; set; }

    /// <summary>What A and B start from. With the two that start from the weight, what training leaves is a plain LoRA of twice the rank.</summary>
    /// <value><see cref="LoraInitialization.Default"/>.</value>
    [Choice(LoraInitialization.Default, LoraInitialization.Gaussian, LoraInitialization.Pissa, LoraInitialization.Orthogonal)]
    public LoraInitialization Initialization { get; set; } = LoraInitialization.Default;

    /// <summary>The projections that get an update, by role.</summary>
    /// <value>
    /// Null: query and value, as in the paper, in encoders of four layers and more; every projection inside the layers
    /// (<see cref="TargetModules.AllLinear"/>) in shallower ones, where two a layer change too little. A trained adapter says which it became.
    /// </value>
    public TargetModules? Targets { get; set; }

    /// <summary>
    /// The projections that get an update, by name: a regular expression that must match the whole path a module has in the
    /// checkpoint, for instance <c>.*layer\.[0-5]\..*(query|value)</c>. When set, <see cref="Targets"/> is not used.
    /// </summary>
    /// <value>Null.</value>
    public string? TargetPattern { get; set; }

    /// <summary>
    /// Whether the table of word embeddings gets an update too, for words that mean something of their own in the task. A <see cref="TargetPattern"/>
    /// selects the table by its name as well. It has no dropout, and what belongs to tokens learns at 1/200 of the rate.
    /// </summary>
    /// <value>False.</value>
    [BooleanChoice(false)]
    public bool WordEmbeddings { get; set; }

    /// <summary>The layers that get updates, counted from zero; null for all.</summary>
    /// <value>Null.</value>
    public int[]? Layers { get; set; }

    /// <summary>
    /// Ranks of single projections by name, where they differ from <see cref="Rank"/>: regular expressions that must match the end of
    /// the path a module has in the checkpoint, in whole segments, for instance <c>layer.0.attention.self.query</c>; the first that matches
    /// counts. With rank 0 a projection gets no update.
    /// </summary>
    /// <value>Null.</value>
    public Dictionary<string, int>? RankPattern { get; set; }

    /// <summary>α of single projections by name, as <see cref="RankPattern"/>.</summary>
    /// <value>Null.</value>
    public Dictionary<string, float>? AlphaPattern { get; set; }

    /// <summary>Which biases of the base train too.</summary>
    /// <value><see cref="LoraBias.None"/>.</value>
    public LoraBias Bias { get; set; } = LoraBias.None;

    private TargetSelection Selection => new(nameof(Lora), Targets ?? TargetModules.None, TargetPattern, Layers);

    private bool StartsFromWeight => Initialization is LoraInitialization.Pissa or LoraInitialization.Orthogonal;

    /// <summary>Whether an update is B·A and begins at zero.</summary>
    private bool PlainStart => !UseDora && !StartsFromWeight;

    private static string WordsExpected => $"false together with {nameof(UseDora)} and with an {nameof(Initialization)} that starts from the weight, which are for projections";

    internal override void Validate()
    {
        OptionRange.Rank(nameof(Lora), Rank);
        OptionRange.Positive(nameof(Lora), Alpha);
        OptionRange.Share(nameof(Lora), Dropout);
        if (Targets is not null || TargetPattern is not null)
            Selection.Validate();
        OptionRange.Defined(nameof(Lora), Initialization);
        OptionRange.Require(!UseDora || !StartsFromWeight, nameof(Lora), nameof(Initialization), Initialization, $"{LoraInitialization.Default} or {LoraInitialization.Gaussian} together with {nameof(UseDora)}");
        OptionRange.Require(!WordEmbeddings || PlainStart, nameof(Lora), nameof(WordEmbeddings), WordEmbeddings, WordsExpected);
        foreach ((string name, int rank) in RankPattern ?? [])
        {
            NamePattern.Check($"{nameof(Lora)}.{nameof(RankPattern)}", name);
            OptionRange.Rank(nameof(Lora), rank, least: 0, $"{nameof(RankPattern)}['{name}']");
        }
        foreach ((string name, float alpha) in AlphaPattern ?? [])
        {
            NamePattern.Check($"{nameof(Lora)}.{nameof(AlphaPattern)}", name);
            OptionRange.Positive(nameof(Lora), alpha, $"{nameof(AlphaPattern)}['{name}']");
        }
    }

    /// <summary>The rank of a projection; <paramref name="module"/> is its path in the checkpoint.</summary>
    internal int RankOf(string module) => Of(RankPattern, nameof(RankPattern), module) ?? Rank;

    internal override PeftMethod For(EncoderConfig encoder) => Targets is not null || TargetPattern is not null ? this
        : this with { Targets = ShallowEncoder.Targets(encoder) };

    internal override void Apply(PeftContext context)
    {
        bool words = WordEmbeddings || Selection.HasWords(context.Model);
        if (words)
            PlaceAtWords(context);
        foreach (var (path, linear) in words ? Selection.AnyOf(context.Model) : Selection.Of(context.Model))
        {
            string module = context.Model.Names.Module(path);
            int rank = RankOf(module);
            if (rank == 0)
                continue;
            context.Place(path, linear, Create(module, linear, rank));
            if (Bias == LoraBias.LoraOnly)
                context.Train(name => name == path + ".bias");
        }
        if (context.Placed.Count == 0)
            throw new ArgumentException($"{nameof(Lora)}.{nameof(RankPattern)} gives every projection rank 0; expected one at least with an update.");
        if (Bias == LoraBias.All)
            context.Train(name => name.EndsWith(".bias", StringComparison.Ordinal));
    }

    /// <summary>A step moves each token's column by the rate, however seldom the token comes: at the rate of projections, words are learnt by heart.</summary>
    internal override double LearningRateScale(AdapterParameter parameter) => parameter.Name.EndsWith(LoraEmbedding.Tokens, StringComparison.Ordinal) ? WordRate : 1;

    internal override FinishedMethod? Finish(PeftAdapter adapter) => StartsFromWeight ? LoraConversion.ToPlain(this, adapter) : null;

    internal override string PeftType => "LORA";

    internal override JsonObject? WriteAdapterConfig(PeftAdapter adapter) => StartsFromWeight ? null : LoraAdapterConfig.Write(this, adapter);

    internal override PeftMethod ReadAdapterConfig(JsonObject json, string location) => LoraAdapterConfig.Read(json, location);

    private void PlaceAtWords(PeftContext context)
    {
        OptionRange.Require(PlainStart, nameof(Lora), nameof(TargetPattern), TargetPattern, $"none that selects the word embeddings: {nameof(WordEmbeddings)} is {WordsExpected}");
        string module = context.Model.Names.Module(PeftContext.WordEmbeddings);
        if (RankOf(module) is > 0 and var rank)
            context.PlaceAtWords(new LoraEmbedding(context.Encoder.Embeddings.Word, rank, ScalingOf(module, rank)));
    }

    private double ScalingOf(string module, int rank)
    {
        float alpha = Of(AlphaPattern, nameof(AlphaPattern), module) ?? Alpha;
        return RankStabilized ? alpha / Math.Sqrt(rank) : alpha / rank;
    }

    private LoraLinear Create(string module, AdaptableLinear linear, int rank)
    {
        double scaling = ScalingOf(module, rank);
        bool gaussian = Initialization == LoraInitialization.Gaussian;
        if (UseDora)
            return new DoraLinear(linear, rank, scaling, Dropout, gaussian);
        if (!StartsFromWeight)
            return new LoraLinear(linear, rank, scaling, Dropout, gaussian);
        if (rank > Math.Min(linear.Inputs, linear.Outputs))
            throw new ArgumentException($"{nameof(Lora)}.{nameof(Rank)} is {rank} at {module}; expected at most {Math.Min(linear.Inputs, linear.Outputs)}, the rank of the weight that {nameof(Initialization)} {Initialization} starts from.");
        return new DecomposedLoraLinear(linear, rank, scaling, Dropout, Initialization);
    }

    private static T? Of<T>(Dictionary<string, T>? pattern, string option, string module) where T : struct
    {
        foreach ((string name, T value) in pattern ?? [])
            if (NamePattern.IsEnd($"{nameof(Lora)}.{option}", name, module))
                return value;
        return null;
    }
}
