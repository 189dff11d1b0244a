using Microsoft.ML;
using Microsoft.ML.Runtime;
using MLNet.FineTune.Models;
using MLNet.FineTune.Runtime;
using MLNet.FineTune.Trainers;

namespace MLNet.FineTune;

/// <summary>Fine-tunes a pretrained encoder to classify each word of a text: named entity recognition, part-of-speech tagging, chunking.</summary>
/// <remarks>
/// <para><b>Input and output columns</b></para>
/// <list type="table">
/// <listheader><term>Column</term><description>Type and content</description></listheader>
/// <item><term>Label</term><description>Vector of keys, one a word, of any tags: IOB2 (<c>B-PER</c>, <c>I-PER</c>, <c>O</c>) and the like for entities. Words whose label is missing (key 0) are not learnt; rows with no other words are left out.</description></item>
/// <item><term>Sentence1</term><description>Vector of text, a word each, as many as labels.</description></item>
/// <item><term>PredictedLabel</term><description>Vector of keys, one a word, of the label's key type and values.</description></item>
/// <item><term>Score</term><description>Vector of <see cref="float"/>, one a word: the probability of the predicted label.</description></item>
/// </list>
/// <para>
/// As Hugging Face's <c>run_ner</c> does it: each word is split into sub-words by itself, the loss counts its label at the first of them, and what belongs to no word's beginning is ignored.
/// Texts are cut to the maximum length; words beyond it are neither learnt nor validated on. A fitted model tags them all the same, see <see cref="TokenClassificationTransformer"/>.
/// </para>
/// <para><b>Trainer characteristics</b></para>
/// <list type="table">
/// <listheader><term>Question</term><description>Answer</description></listheader>
/// <item><term>Is normalization or caching required?</term><description>No: the data is read once and tokenised once.</description></item>
/// <item><term>Required NuGet beside MLNet.FineTune</term><description>TorchSharp-cpu, TorchSharp-cuda-windows or TorchSharp-cuda-linux.</description></item>
/// <item><term>Exportable to ONNX</term><description>No.</description></item>
/// </list>
/// </remarks>
public sealed class TokenFineTuneTrainer : IEstimator<TokenClassificationTransformer>
{
    private readonly IHost _host;
    private readonly TokenClassificationOptions _options;
    private readonly int _seed;

    internal TokenFineTuneTrainer(IHostEnvironment environment, TokenClassificationOptions options)
    {
        options.Validate();
        (_host, _options) = (environment.Register(nameof(TokenFineTuneTrainer)), options);
        _seed = _host.Rand.Next();
    }

    /// <summary>Trains on words with labels.</summary>
    /// <param name="input">Data with the label and word columns; rows without any label are left out.</param>
    /// <returns>The fitted model; dispose it when it is no longer used.</returns>
    /// <inheritdoc cref="BinaryTextTrainer.Fit" path="/exception"/>
    public TokenClassificationTransformer Fit(IDataView input)
    {
        var (model, data) = FineTuneFit.Run(_host, _options, _seed, input, ClassificationTask.Tagging, FineTuner.Fit);
        return model.HandTo(() => new TokenClassificationTransformer(_host, model, data.Classes, _options.ScoringColumns));
    }

    /// <inheritdoc cref="BinaryTextTrainer.GetOutputSchema"/>
    public SchemaShape GetOutputSchema(SchemaShape inputSchema) =>
        TextClassificationSchema.GetOutputShape(inputSchema, _options.TrainingColumns, _options.ScoringColumns, ClassificationTask.Tagging);
}
