using Microsoft.ML;
using Microsoft.ML.Runtime;
using MLNet.FineTune.Contrastive;
using MLNet.FineTune.Runtime;
using MLNet.FineTune.Trainers;

namespace MLNet.FineTune;

/// <summary>
/// Makes a classifier of few texts with any number of labels each: the encoder learns by pairs of texts, alike when they share a
/// label, then a head is fitted on its embeddings (SetFit, Tunstall et al. 2022, "Efficient Few-Shot Learning Without Prompts", arXiv 2209.11055).
/// </summary>
/// <remarks>
/// <para><b>Input and output columns</b></para>
/// <list type="table">
/// <listheader><term>Column</term><description>Type and content</description></listheader>
/// <item><term>Label</term><description>Vector of keys, of any length; key 0 (missing) is left out, and no key means no label. Or vector of known size of Boolean, Single or Double: true, or above 0, for each label that the text has; a row with NaN has no known labels.</description></item>
/// <item><term>Sentence1, Sentence2</term><description>Text; a missing text counts as empty. The second one is optional.</description></item>
/// <item><term>Score</term><description>Vector of <see cref="float"/>: probability of each label, named by its slot. The probabilities do not add up to one.</description></item>
/// <item><term>PredictedLabel</term><description>Vector of keys of the label's type and values, as long as there are labels predicted; for an indicator a vector of Boolean.</description></item>
/// </list>
/// <para><b>Trainer characteristics</b></para>
/// <list type="table">
/// <listheader><term>Question</term><description>Answer</description></listheader>
/// <item><term>Is normalization or caching required?</term><description>No: the data is read once and tokenised once.</description></item>
/// <item><term>Required NuGet beside MLNet.FineTune</term><description>TorchSharp-cpu, TorchSharp-cuda-windows or TorchSharp-cuda-linux.</description></item>
/// <item><term>Exportable to ONNX</term><description>No.</description></item>
/// </list>
/// </remarks>
public sealed class MultiLabelSetFitTrainer : IEstimator<MultiLabelTextClassificationTransformer>
{
    private readonly IHost _host;
    private readonly SetFitMultiLabelOptions _options;
    private readonly int _seed;

    internal MultiLabelSetFitTrainer(IHostEnvironment environment, SetFitMultiLabelOptions options)
    {
        options.Validate();
        (_host, _options) = (environment.Register(nameof(MultiLabelSetFitTrainer)), options);
        _seed = _host.Rand.Next();
    }

    /// <summary>Trains on labelled texts.</summary>
    /// <param name="input">Data with the label and text columns.</param>
    /// <returns>The fitted model; dispose it when it is no longer used.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or has the wrong type.</exception>
    /// <exception cref="InvalidOperationException">The rows cannot be learnt from, the encoder would have to be downloaded first, or no usable libtorch or GPU was found.</exception>
    /// <exception cref="IOException">A file of the encoder is missing.</exception>
    /// <exception cref="InvalidDataException">A file of the encoder, or the checkpoint to resume from, is malformed.</exception>
    /// <exception cref="TrainingDivergedException">Loss or gradients are not finite.</exception>
    /// <exception cref="OperationCanceledException">Training was cancelled, by the options' token or the context.</exception>
    public MultiLabelTextClassificationTransformer Fit(IDataView input)
    {
        LinearHead? head = null;
        var (classifier, data) = FineTuneFit.Run(_host, _options, _seed, input, ClassificationTask.MultiLabel, task => SetFitTuner.Fit(_options.CreateTask(task), out head));
        return classifier.HandTo(() => new MultiLabelTextClassificationTransformer(_host, classifier, data.Classes, head!.Rule!, _options.ScoringColumns));
    }

    /// <summary>The schema that the fitted model's output will have for an input of the given schema.</summary>
    /// <param name="inputSchema">Schema of the training data.</param>
    /// <returns>The input's columns and the output columns.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or has the wrong type.</exception>
    public SchemaShape GetOutputSchema(SchemaShape inputSchema) =>
        TextClassificationSchema.GetOutputShape(inputSchema, _options.TrainingColumns, _options.ScoringColumns, ClassificationTask.MultiLabel);
}
