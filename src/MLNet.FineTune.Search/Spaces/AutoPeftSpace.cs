using MLNet.FineTune.Encoders;
using MLNet.FineTune.Runtime;

namespace MLNet.FineTune;

/// <summary>
/// The space of AutoPEFT: a serial adapter, a parallel adapter and a prefix, each of a size or off, in layers that, where there are several, are switched on or off one by one
/// (Zhou et al. 2023, "AutoPEFT: Automatic Configuration Search for Parameter-Efficient Fine-Tuning", arXiv 2301.12132); and besides, if wanted, LoRA,
/// the biases, the learning rate and the number of epochs.
/// </summary>
public sealed record AutoPeftSpace
{
    private const string SerialSize = "serialSize", ParallelSize = "parallelSize", PrefixLength = "prefixLength", LoraRank = "loraRank", LoraEverywhere = "loraAllLinear", TrainBiases = "bitFit", Rate = "learningRate", EpochCount = "epochs";

    /// <summary>The width that the sizes of adapters in the paper are meant for, BERT-base's.</summary>
    private const int PaperWidth = 768;

    private static readonly int[] Sizes = [0, 1, 3, 6, 12, 24, 48, 96, 192, 384, 768];
    private static readonly int[] Lengths = [0, 1, 5, 10, 50, 100, 200];
    private static readonly int[] Ranks = [0, 1, 2, 4, 8, 16, 32, 64];

    /// <summary>Width of the encoder. The paper's adapter sizes, 1 to 768 for BERT-base, are scaled to it.</summary>
    public required int HiddenSize { get; init; }

    /// <summary>The number of the encoder's layers with weights of their own.</summary>
    public required int LayerCount { get; init; }

    /// <summary>The longest prefix that is tried.</summary>
    /// <value>200, as in the paper.</value>
    public int MaxPrefixLength { get; init; } = 200;

    /// <summary>Whether LoRA is among the parts, of rank 0 (off) to 64, of the query and value projections or of all.</summary>
    /// <value>True; the paper has none.</value>
    public bool Lora { get; init; } = true;

    /// <summary>Whether training all biases is among the parts.</summary>
    /// <value>True; the paper has none.</value>
    public bool BitFit { get; init; } = true;

    /// <summary>The range of the learning rate; null leaves it to the training options.</summary>
    /// <value>1e-4 to 1e-2. The paper leaves it fixed.</value>
    public (double Min, double Max)? LearningRates { get; init; } = (1e-4, 1e-2);

    /// <summary>The range of the number of epochs; null leaves it to the training options.</summary>
    /// <value>1 to 10. The paper leaves it fixed.</value>
    public (int Min, int Max)? Epochs { get; init; } = (1, 10);

    /// <summary>The names of the switches of the layers. A single layer has none: without it nothing would be on, whatever the sizes, which is one point said in many ways.</summary>
    private IEnumerable<string> Layers => Enumerable.Range(0, LayerCount > 1 ? LayerCount : 0).Select(layer => FormattableString.Invariant($"layer{layer}"));

    /// <summary>The space. Its default is a Pfeiffer adapter of a sixteenth of the width in all layers.</summary>
    /// <exception cref="ArgumentException">An option is not valid; names it, what was found and what is expected.</exception>
    public ParameterSpace ToSpace()
    {
        Validate();
        object[] sizes = [.. Sizes.Select(size => size == 0 ? 0 : Math.Max(1, (int)Math.Round((double)size * HiddenSize / PaperWidth))).Distinct().Select(size => (object)size)];
        var builder = new ParameterSpaceBuilder()
            .Add(new Search.ChoiceDimension(SerialSize, sizes, ordered: true, sizes.MinBy(size => Math.Abs((int)size - HiddenSize / 16.0))))
            .OrderedChoice(ParallelSize, sizes)
            .OrderedChoice(PrefixLength, [.. Lengths.Where(length => length <= MaxPrefixLength).Select(length => (object)length)]);
        if (Lora)
            builder.OrderedChoice(LoraRank, [.. Ranks.Select(rank => (object)rank)])
                .Boolean(LoraEverywhere).When(LoraEverywhere, LoraRank, [.. Ranks.Where(rank => rank > 0).Select(rank => (object)rank)]);
        if (BitFit)
            builder.Boolean(TrainBiases);
        foreach (string layer in Layers)
            builder.Boolean(layer, initial: true);
        if (LearningRates is { } rates)
            builder.Real(Rate, rates.Min, rates.Max, logarithmic: true);
        if (Epochs is { } epochs)
            builder.Integer(EpochCount, epochs.Min, epochs.Max);
        return builder.Build();
    }

    /// <summary>The method that a point stands for: the parts that are on, together; <see cref="HeadOnly"/> where none is.</summary>
    /// <exception cref="ArgumentException">The point is none of the space's.</exception>
    public PeftMethod CreateMethod(IReadOnlyDictionary<string, object> parameters)
    {
        parameters = Checked(parameters);
        int[] layers = LayerCount == 1 ? [0] : [.. Layers.Index().Where(layer => (bool)parameters[layer.Item]).Select(layer => layer.Index)];
        int[]? some = layers.Length == LayerCount ? null : layers;
        var parts = new List<PeftMethod>();
        if (layers.Length > 0)
        {
            if (Number(PrefixLength) is > 0 and var length)
                parts.Add(new PrefixTuning { Length = length, Layers = some });
            if (Number(ParallelSize) is > 0 and var parallel)
                parts.Add(BottleneckAdapter.ScaledParallel() with { Size = parallel, Layers = some });
            if (Number(SerialSize) is > 0 and var serial)
                parts.Add(new BottleneckAdapter { Size = serial, Layers = some });
            if (Lora && Number(LoraRank) is > 0 and var rank)
                parts.Add(new Lora { Rank = rank, Alpha = 2 * rank, Layers = some, Targets = parameters[LoraEverywhere] is true ? TargetModules.AllLinear : TargetModules.Query | TargetModules.Value });
        }
        if (BitFit && (bool)parameters[TrainBiases])
            parts.Add(new BitFit());
        return parts.Count switch
        {
            0 => new HeadOnly(),
            1 => parts[0],
            _ => new PeftUnion([.. parts]),
        };

        int Number(string name) => (int)(long)parameters[name];
    }

    /// <summary>The training that a point stands for: <paramref name="template"/> with its learning rate and epochs, where the space has them.</summary>
    /// <exception cref="ArgumentException">The point is none of the space's.</exception>
    public TrainingOptions CreateTraining(IReadOnlyDictionary<string, object> parameters, TrainingOptions? template = null)
    {
        parameters = Checked(parameters);
        TrainingOptions training = (template ?? new TrainingOptions()).Copy();
        if (LearningRates is not null)
            training.LearningRate = (double)parameters[Rate];
        if (Epochs is not null)
            training.Epochs = (int)(long)parameters[EpochCount];
        return training;
    }

    /// <summary>
    /// Points that stand for usual methods with their defaults, in all layers: the head alone, LoRA of rank 8 on query and value and on all projections, a serial and a parallel adapter of the
    /// default size, a prefix of ten, prefix and parallel adapter together, and the biases; with the learning rate that suits the method on the encoder.
    /// </summary>
    /// <param name="encoder">The encoder.</param>
    /// <param name="training">Gives the number of epochs.</param>
    internal IReadOnlyList<IReadOnlyDictionary<string, object>> UsualMethods(EncoderConfig encoder, TrainingOptions training)
    {
        ParameterSpace space = ToSpace();
        object size = space.Default[SerialSize];
        int prefix = Lengths.Where(length => length <= Math.Min(10, MaxPrefixLength)).Max();
        IEnumerable<(string Name, object Value)[]> methods =
        [
            [],
            .. Lora ? new (string, object)[][] { [(LoraRank, 8)], [(LoraRank, 8), (LoraEverywhere, true)] } : [],
            [(SerialSize, size)],
            [(ParallelSize, size)],
            [(PrefixLength, prefix)],
            [(PrefixLength, prefix), (ParallelSize, size)],
            .. BitFit ? new (string, object)[][] { [(TrainBiases, true)] } : [],
        ];
        return [.. methods.Select(method =>
        {
            var point = new Dictionary<string, object>(space.Default) { [SerialSize] = 0, [LoraEverywhere] = false };
            foreach ((string name, object value) in method)
                point[name] = value;
            if (LearningRates is { } rates)
                point[Rate] = Math.Clamp(CreateMethod(point).DefaultLearningRateFor(encoder), rates.Min, rates.Max);
            if (Epochs is { } epochs)
                point[EpochCount] = Math.Clamp(training.Epochs, epochs.Min, epochs.Max);
            return point;
        })];
    }

    /// <summary>The point with values of the exchanged kinds.</summary>
    private IReadOnlyDictionary<string, object> Checked(IReadOnlyDictionary<string, object> parameters)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        ParameterSpace space = ToSpace();
        return space.ToParameters(space.ToUnits(parameters));
    }

    private void Validate()
    {
        Require(HiddenSize >= 1, nameof(HiddenSize), HiddenSize, "at least 1");
        Require(LayerCount >= 1, nameof(LayerCount), LayerCount, "at least 1");
        Require(MaxPrefixLength >= 0, nameof(MaxPrefixLength), MaxPrefixLength, "0 or more");
        Require(LearningRates is not { } rates || (rates.Min > 0 && rates.Min < rates.Max), nameof(LearningRates), LearningRates, "numbers above 0, the first below the second, or null");
        Require(Epochs is not { } epochs || (epochs.Min >= 1 && epochs.Min <= epochs.Max), nameof(Epochs), Epochs, "at least 1 each, the second no less than the first, or null");
    }

    private static void Require(bool valid, string option, object? found, string expected) => OptionRange.Require(valid, nameof(AutoPeftSpace), option, found, expected, option);
}
