using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using MLNet.FineTune.WeakSupervision;
using static Microsoft.ML.SchemaShape.Column;

namespace MLNet.FineTune;

/// <summary>Makes labels of the votes of labelling functions, for any trainer to learn from.</summary>
/// <remarks>
/// <para><b>Input and output columns</b></para>
/// <list type="table">
/// <listheader><term>Column</term><description>Type and content</description></listheader>
/// <item><term>Votes</term><description>Vector of numbers, one for each function: a class from zero, or −1 where it abstains.</description></item>
/// <item><term>WeakLabel</term><description>Key with the class names as values; missing where all functions abstain.</description></item>
/// <item><term>WeakProbabilities</term><description>Vector of <see cref="float"/>, a probability for each class.</description></item>
/// </list>
/// <para><b>Estimator characteristics</b></para>
/// <list type="table">
/// <listheader><term>Question</term><description>Answer</description></listheader>
/// <item><term>Does it look at the data to fit?</term><description>Yes, once.</description></item>
/// <item><term>Exportable to ONNX</term><description>No.</description></item>
/// </list>
/// </remarks>
public sealed class LabelModelEstimator : IEstimator<LabelModelTransformer>
{
    private readonly IHost _host;
    private readonly LabelModelOptions _options;

    internal LabelModelEstimator(IHostEnvironment environment, LabelModelOptions options)
    {
        options.Validate();
        (_host, _options) = (environment.Register(nameof(LabelModelEstimator)), options);
    }

    /// <summary>Fits the label model.</summary>
    /// <param name="input">Data with the votes.</param>
    /// <returns>The fitted model.</returns>
    /// <exception cref="ArgumentException">An option is out of range, or nothing says what the classes are.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The votes are missing or no vector of numbers.</exception>
    /// <exception cref="InvalidOperationException">There are no rows, functions or votes, or a vote is for no class.</exception>
    /// <exception cref="OperationCanceledException">The context was cancelled.</exception>
    public LabelModelTransformer Fit(IDataView input)
    {
        ArgumentNullException.ThrowIfNull(input);
        return LabelModelRun.Execute(_host, input, _options).Transformer;
    }

    /// <summary>The schema that the fitted model's output will have for an input of the given schema.</summary>
    /// <param name="inputSchema">Schema of the data.</param>
    /// <returns>The input's columns and the output columns.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The votes are missing or no vector of numbers.</exception>
    public SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        ArgumentNullException.ThrowIfNull(inputSchema);
        VoteColumn.Check(inputSchema, _options.VotesColumnName, nameof(inputSchema));
        Dictionary<string, SchemaShape.Column> all = inputSchema.ToDictionary(column => column.Name, StringComparer.Ordinal);
        all[_options.WeakLabelColumnName] = new(_options.WeakLabelColumnName, VectorKind.Scalar, NumberDataViewType.UInt32, isKey: true, Names(AnnotationUtils.Kinds.KeyValues));
        all[_options.WeakProbabilitiesColumnName] = new(_options.WeakProbabilitiesColumnName, VectorKind.Vector, NumberDataViewType.Single, isKey: false, Names(AnnotationUtils.Kinds.SlotNames));
        return new SchemaShape(all.Values);

        static SchemaShape Names(string kind) => new([new(kind, VectorKind.Vector, TextDataViewType.Instance, isKey: false)]);
    }
}
