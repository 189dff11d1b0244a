using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using MLNet.FineTune.Embedding;
using MLNet.FineTune.Transformers;
using static Microsoft.ML.SchemaShape.Column;

namespace MLNet.FineTune;

/// <summary>Turns texts into vectors of fixed size with a pretrained encoder, as features for any trainer.</summary>
/// <remarks>
/// <para><b>Input and output columns</b></para>
/// <list type="table">
/// <listheader><term>Column</term><description>Type and content</description></listheader>
/// <item><term>Input</term><description>Text; a missing text counts as empty, which has a vector too.</description></item>
/// <item><term>Output</term><description>Vector of <see cref="float"/>, as wide as the encoder's hidden states, or as the checkpoint's pooling and dense layers make it.</description></item>
/// </list>
/// <para><b>Estimator characteristics</b></para>
/// <list type="table">
/// <listheader><term>Question</term><description>Answer</description></listheader>
/// <item><term>Does it look at the data to fit?</term><description>No, only at the schema; fitting opens the encoder.</description></item>
/// <item><term>Input column data type</term><description>Text.</description></item>
/// <item><term>Output column data type</term><description>Known-sized vector of <see cref="float"/>.</description></item>
/// <item><term>Required NuGet beside MLNet.FineTune</term><description>TorchSharp-cpu, TorchSharp-cuda-windows or TorchSharp-cuda-linux.</description></item>
/// <item><term>Exportable to ONNX</term><description>No.</description></item>
/// </list>
/// <para>
/// Nothing is embedded until a trainer or reader asks for the output, and again whenever it does: where more than one will,
/// <c>AppendCacheCheckpoint</c> after this estimator keeps the vectors.
/// </para>
/// </remarks>
public sealed class TextEmbeddingEstimator : IEstimator<TextEmbeddingTransformer>
{
    private readonly IHost _host;
    private readonly TextEmbeddingOptions _options;

    internal TextEmbeddingEstimator(IHostEnvironment environment, TextEmbeddingOptions options)
    {
        options.Validate();
        (_host, _options) = (environment.Register(nameof(TextEmbeddingEstimator)), options);
    }

    /// <summary>Opens the encoder.</summary>
    /// <param name="input">Data with the text column; only its schema is looked at.</param>
    /// <returns>The transformer; dispose it when it is no longer used.</returns>
    /// <exception cref="ArgumentException">The encoder has no trained weights or no prompt of the name asked for, <see cref="TextEmbeddingOptions.MaxLength"/> is none that it takes, or <see cref="TextEmbeddingOptions.Pooling"/> gives vectors that its dense layers do not take.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The text column is missing or is not text.</exception>
    /// <exception cref="InvalidOperationException">The encoder would have to be downloaded first, or no usable libtorch or GPU was found.</exception>
    /// <exception cref="IOException">A file of the encoder is missing.</exception>
    /// <exception cref="InvalidDataException">A file of the encoder is malformed.</exception>
    /// <exception cref="NotSupportedException">The encoder or its tokenizer is of a kind that is not supported.</exception>
    public TextEmbeddingTransformer Fit(IDataView input)
    {
        ArgumentNullException.ThrowIfNull(input);
        _options.Validate();
        EmbeddingColumns columns = _options.Columns;
        TextColumns.Bind(input.Schema, columns.Input, nameof(input));
        _host.CheckAlive();
        return new TextEmbeddingTransformer(_host, _options.OpenEncoder(_host), columns);
    }

    /// <summary>The schema that the transformer's output will have for an input of the given schema.</summary>
    /// <remarks>The encoder is not opened: whether its checkpoint brings vectors to length one, and says so in an annotation, is known once it is fitted.</remarks>
    /// <param name="inputSchema">Schema of the data.</param>
    /// <returns>The input's columns and the output column.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The text column is missing or is not text.</exception>
    public SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        ArgumentNullException.ThrowIfNull(inputSchema);
        EmbeddingColumns columns = _options.Columns;
        TextColumns.Check(inputSchema, "input", columns.Input, nameof(inputSchema));
        SchemaShape annotations = new(_options.Normalize == true
            ? [new(AnnotationUtils.Kinds.IsNormalized, VectorKind.Scalar, BooleanDataViewType.Instance, isKey: false)]
            : Array.Empty<SchemaShape.Column>());
        // The output hides an input column of its name, in its place.
        Dictionary<string, SchemaShape.Column> all = inputSchema.ToDictionary(column => column.Name, StringComparer.Ordinal);
        all[columns.Output] = new(columns.Output, VectorKind.Vector, NumberDataViewType.Single, isKey: false, annotations);
        return new SchemaShape(all.Values);
    }
}
