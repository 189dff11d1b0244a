using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using MLNet.FineTune.Persistence;
using MLNet.FineTune.WeakSupervision;

namespace MLNet.FineTune;

/// <summary>A fitted model of labelling functions: appends labels made of the votes on each row.</summary>
/// <remarks>
/// <list type="table">
/// <listheader><term>Output column</term><description>Type and content</description></listheader>
/// <item><term>WeakLabel</term><description>Key with the class names as values: the most probable class; missing where all functions abstain.</description></item>
/// <item><term>WeakProbabilities</term><description>Vector of <see cref="float"/>, a probability for each class; slot names are the class names.</description></item>
/// </list>
/// It is thread-safe.
/// </remarks>
public sealed class LabelModelTransformer : ITransformer
{
    internal const string LoaderSignature = "FineTuneLabelModel";

    private readonly IHost _host;

    internal LabelModelTransformer(IHostEnvironment environment, LabelModelColumns columns, IReadOnlyList<string> functionNames, IReadOnlyList<string> classNames, LabelPosterior posterior)
    {
        _host = environment.Register(nameof(LabelModelTransformer));
        (Columns, FunctionNames, ClassNames, Posterior) = (columns, functionNames, classNames, posterior);
    }

    /// <summary>The names of the classes, in the order of the probabilities.</summary>
    public IReadOnlyList<string> ClassNames { get; }

    /// <summary>The names of the labelling functions, in the order of the votes.</summary>
    public IReadOnlyList<string> FunctionNames { get; }

    /// <summary>The probability of each class before any vote, given or learnt.</summary>
    public IReadOnlyList<double> ClassBalance => Posterior.ClassBalance;

    bool ITransformer.IsRowToRowMapper => true;

    internal LabelModelColumns Columns { get; }

    internal LabelPosterior Posterior { get; }

    private static VersionInfo VersionInfo => TransformerModel.MakeVersion("FTLABELM", LoaderSignature);

    /// <summary>The probabilities of the classes given the votes on one example.</summary>
    /// <param name="votes">A class from zero or −1 (abstains) for each of <see cref="FunctionNames"/>.</param>
    /// <exception cref="ArgumentException">There are more or fewer votes than functions.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A vote is for no class.</exception>
    public float[] ComputeProbabilities(params ReadOnlySpan<int> votes)
    {
        if (votes.Length != FunctionNames.Count)
            throw new ArgumentException($"There are {votes.Length} votes; expected {FunctionNames.Count}, one of each labelling function.", nameof(votes));
        for (int i = 0; i < votes.Length; i++)
            if (votes[i] < VoteMatrix.Abstain || votes[i] >= ClassNames.Count)
                throw new ArgumentOutOfRangeException(nameof(votes), $"The vote of the labelling function '{FunctionNames[i]}' is {votes[i]}; expected a class from 0 to {ClassNames.Count - 1}, or −1 where it abstains.");
        var probabilities = new double[ClassNames.Count];
        Posterior.Compute(votes, probabilities);
        return [.. probabilities.Select(probability => (float)probability)];
    }

    /// <summary>The schema of the data that <see cref="Transform"/> gives for data of the input schema.</summary>
    /// <param name="inputSchema">Schema of data to be transformed.</param>
    /// <returns>The input's columns and the output columns.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The votes are missing, no vector of numbers, or of other functions than the model's.</exception>
    public DataViewSchema GetOutputSchema(DataViewSchema inputSchema)
    {
        ArgumentNullException.ThrowIfNull(inputSchema);
        return RowToRowMapperTransform.GetOutputSchema(inputSchema, MakeMapper(inputSchema));
    }

    /// <summary>Appends the output columns, made as rows are read; a vote for no class is an <see cref="InvalidOperationException"/> then.</summary>
    /// <param name="input">Data with the votes.</param>
    /// <returns>The data with the output columns.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The votes are missing, no vector of numbers, or of other functions than the model's.</exception>
    public IDataView Transform(IDataView input)
    {
        ArgumentNullException.ThrowIfNull(input);
        return new RowToRowMapperTransform(_host, input, MakeMapper(input.Schema), MakeMapper);
    }

    IRowToRowMapper ITransformer.GetRowToRowMapper(DataViewSchema inputSchema)
    {
        ArgumentNullException.ThrowIfNull(inputSchema);
        return new RowToRowMapperTransform(_host, new EmptyDataView(_host, inputSchema), MakeMapper(inputSchema), MakeMapper);
    }

    void ICanSaveModel.Save(ModelSaveContext ctx) => LabelModelFile.Save(ctx, VersionInfo, this);

    private LabelModelMapper MakeMapper(DataViewSchema schema) => new(this, schema);

    /// <summary>Called by ML.NET to load the transformer.</summary>
    private static LabelModelTransformer Create(IHostEnvironment env, ModelLoadContext ctx) => LabelModelFile.Load(env, ctx, VersionInfo);
}
