using Microsoft.ML;
using Microsoft.ML.Runtime;
using MLNet.FineTune.Models;
using MLNet.FineTune.Runtime;
using MLNet.FineTune.Trainers;

namespace MLNet.FineTune;

/// <summary>Fine-tunes a pretrained encoder to predict a number for texts or pairs of texts, such as how urgent a request is.</summary>
/// <remarks>
/// <para><b>Input and output columns</b></para>
/// <list type="table">
/// <listheader><term>Column</term><description>Type and content</description></listheader>
/// <item><term>Label</term><description><see cref="float"/> or <see cref="double"/>; rows where it is not a number are left out.</description></item>
/// <item><term>Sentence1, Sentence2</term><description>Text; a missing text counts as empty. The second one is optional.</description></item>
/// <item><term>Score</term><description><see cref="float"/>: the predicted number.</description></item>
/// </list>
/// <para>
/// What is minimised is the mean squared error of the numbers less their mean, over their standard deviation in the training set: no learning rate depends on their unit. The scale goes into
/// the weights of the last layer when training ends.
/// </para>
/// <para><b>Trainer characteristics</b></para>
/// <list type="table">
/// <listheader><term>Question</term><description>Answer</description></listheader>
/// <item><term>Is normalization or caching required?</term><description>No: the data is read once and tokenised once.</description></item>
/// <item><term>Required NuGet beside MLNet.FineTune</term><description>TorchSharp-cpu, TorchSharp-cuda-windows or TorchSharp-cuda-linux.</description></item>
/// <item><term>Exportable to ONNX</term><description>No.</description></item>
/// </list>
/// </remarks>
public sealed class RegressionFineTuneTrainer : IEstimator<TextRegressionTransformer>
{
    private readonly IHost _host;
    private readonly TextRegressionOptions _options;
    private readonly int _seed;

    internal RegressionFineTuneTrainer(IHostEnvironment environment, TextRegressionOptions options)
    {
        options.Validate();
        (_host, _options) = (environment.Register(nameof(RegressionFineTuneTrainer)), options);
        _seed = _host.Rand.Next();
    }

    /// <summary>Trains on texts with numbers.</summary>
    /// <param name="input">Data with the label and text columns; rows without a label are left out.</param>
    /// <returns>The fitted model; dispose it when it is no longer used.</returns>
    /// <inheritdoc cref="BinaryTextTrainer.Fit" path="/exception"/>
    public TextRegressionTransformer Fit(IDataView input)
    {
        var (model, _) = FineTuneFit.Run(_host, _options, _seed, input, ClassificationTask.Regression, FineTuner.Fit);
        return model.HandTo(() => new TextRegressionTransformer(_host, model, _options.ScoringColumns));
    }

    /// <inheritdoc cref="BinaryTextTrainer.GetOutputSchema"/>
    public SchemaShape GetOutputSchema(SchemaShape inputSchema) =>
        TextClassificationSchema.GetOutputShape(inputSchema, _options.TrainingColumns, _options.ScoringColumns, ClassificationTask.Regression);
}
