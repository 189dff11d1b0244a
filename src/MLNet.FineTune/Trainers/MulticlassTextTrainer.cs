using Microsoft.ML;
using Microsoft.ML.Runtime;
using MLNet.FineTune.Models;
using MLNet.FineTune.Runtime;
using MLNet.FineTune.Trainers;

namespace MLNet.FineTune;

/// <summary>What all trainers of multiclass classifiers of texts are.</summary>
/// <remarks>
/// <para><b>Input and output columns</b></para>
/// <list type="table">
/// <listheader><term>Column</term><description>Type and content</description></listheader>
/// <item><term>Label</term><description>Key with known values; <c>MapValueToKey</c> makes one.</description></item>
/// <item><term>Sentence1, Sentence2</term><description>Text; a missing text counts as empty. The second one is optional.</description></item>
/// <item><term>Score</term><description>Vector of <see cref="float"/>: softmax probability of each class, named by its slot.</description></item>
/// <item><term>PredictedLabel</term><description>Key of the label's type and values.</description></item>
/// </list>
/// <para><b>Trainer characteristics</b></para>
/// <list type="table">
/// <listheader><term>Question</term><description>Answer</description></listheader>
/// <item><term>Is normalization or caching required?</term><description>No: the data is read once and tokenised once.</description></item>
/// <item><term>Required NuGet beside MLNet.FineTune</term><description>TorchSharp-cpu, TorchSharp-cuda-windows or TorchSharp-cuda-linux.</description></item>
/// <item><term>Exportable to ONNX</term><description>No.</description></item>
/// </list>
/// </remarks>
public abstract class MulticlassTextTrainer : IEstimator<MulticlassTextClassificationTransformer>
{
    private readonly IHost _host;
    private readonly TextTrainerOptions _options;
    private readonly int _seed;

    internal MulticlassTextTrainer(IHostEnvironment environment, TextTrainerOptions options)
    {
        options.Validate();
        (_host, _options) = (environment.Register(GetType().Name), options);
        _seed = _host.Rand.Next();
    }

    /// <summary>Trains on labelled texts.</summary>
    /// <param name="input">Data with the label and text columns; rows without a label are left out.</param>
    /// <returns>The fitted model; dispose it when it is no longer used.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or has the wrong type.</exception>
    /// <exception cref="InvalidOperationException">The rows cannot be learnt from, the encoder would have to be downloaded first, or no usable libtorch or GPU was found.</exception>
    /// <exception cref="IOException">A file of the encoder is missing.</exception>
    /// <exception cref="InvalidDataException">A file of the encoder, or the checkpoint to resume from, is malformed.</exception>
    /// <exception cref="NotSupportedException">The encoder or its tokenizer is of a kind that is not supported, or its dense modules need the options' pooling to be set.</exception>
    /// <exception cref="TrainingDivergedException">Loss or gradients are not finite.</exception>
    /// <exception cref="OperationCanceledException">Training was cancelled, by the options' token or the context.</exception>
    public MulticlassTextClassificationTransformer Fit(IDataView input)
    {
        var (classifier, data) = FineTuneFit.Run(_host, _options, _seed, input, ClassificationTask.Multiclass, Train);
        return classifier.HandTo(() => new MulticlassTextClassificationTransformer(_host, classifier, data.Classes, _options.ScoringColumns));
    }

    /// <summary>The schema that the fitted model's output will have for an input of the given schema.</summary>
    /// <param name="inputSchema">Schema of the training data.</param>
    /// <returns>The input's columns and the output columns.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or has the wrong type.</exception>
    public SchemaShape GetOutputSchema(SchemaShape inputSchema) =>
        TextClassificationSchema.GetOutputShape(inputSchema, _options.TrainingColumns, _options.ScoringColumns, ClassificationTask.Multiclass);

    /// <summary>Makes a classifier of what was read.</summary>
    internal abstract TextClassifier Train(FineTuneTask task);
}
