using Microsoft.ML;
using Microsoft.ML.Runtime;
using MLNet.FineTune.Models;
using MLNet.FineTune.QuestionAnswering;
using MLNet.FineTune.Runtime;
using MLNet.FineTune.Trainers;
using MLNet.FineTune.Transformers;

namespace MLNet.FineTune;

/// <summary>Fine-tunes a pretrained encoder to answer questions by a stretch of a context: extractive question answering, as in SQuAD (Rajpurkar et al. 2016, "SQuAD: 100,000+ Questions for Machine Comprehension of Text", arXiv 1606.05250).</summary>
/// <remarks>
/// <para><b>Input and output columns</b></para>
/// <list type="table">
/// <listheader><term>Column</term><description>Type and content</description></listheader>
/// <item><term>Question, Context</term><description>Text; a missing text counts as empty.</description></item>
/// <item><term>Answer</term><description>Text, a stretch of the context letter by letter, or a vector of such, of which the first is learnt. Empty where there is no answer.</description></item>
/// <item><term>AnswerStart</term><description>A number of any type, or a vector: where each answer begins in the context, in UTF-16 characters from 0.</description></item>
/// <item><term>PredictedAnswer, Score, PredictedStart, PredictedLength</term><description>See <see cref="QuestionAnsweringTransformer"/>.</description></item>
/// </list>
/// <para>
/// As BERT does it: question and context are a pair, each token has a logit for being the first of the answer and one for being the last, and a context that is too long is read in windows that overlap. Windows
/// that do not hold the answer, and contexts that have none, point at the first token. A checkpoint that was fine-tuned for question answering keeps its head, which training goes on from; others get a new one.
/// </para>
/// <para><b>Trainer characteristics</b></para>
/// <list type="table">
/// <listheader><term>Question</term><description>Answer</description></listheader>
/// <item><term>Is normalization or caching required?</term><description>No: the data is read once and tokenised once.</description></item>
/// <item><term>Required NuGet beside MLNet.FineTune</term><description>TorchSharp-cpu, TorchSharp-cuda-windows or TorchSharp-cuda-linux.</description></item>
/// <item><term>Exportable to ONNX</term><description>No.</description></item>
/// </list>
/// </remarks>
public sealed class QuestionFineTuneTrainer : IEstimator<QuestionAnsweringTransformer>
{
    private readonly IHost _host;
    private readonly QuestionAnsweringOptions _options;
    private readonly int _seed;

    internal QuestionFineTuneTrainer(IHostEnvironment environment, QuestionAnsweringOptions options)
    {
        options.Validate();
        (_host, _options) = (environment.Register(nameof(QuestionFineTuneTrainer)), options);
        _seed = _host.Rand.Next();
    }

    /// <summary>Trains on questions with answers.</summary>
    /// <param name="input">Data with the question, context, answer and answer start columns.</param>
    /// <returns>The fitted model; dispose it when it is no longer used.</returns>
    /// <inheritdoc cref="BinaryTextTrainer.Fit" path="/exception"/>
    public QuestionAnsweringTransformer Fit(IDataView input)
    {
        ArgumentNullException.ThrowIfNull(input);
        TextClassifier model = FineTuneFit.Run(_host, _options, _seed, () => new FitData(
            Read(input, "training set", nameof(input)),
            _options.ValidationSet is null ? null : Read(_options.ValidationSet, "validation set", nameof(QuestionAnsweringOptions.ValidationSet)),
            ClassLabels.AnswerEnds), FineTuner.Fit);
        return model.HandTo(() => new QuestionAnsweringTransformer(_host, model, _options.ScoringColumns));
    }

    /// <inheritdoc cref="BinaryTextTrainer.GetOutputSchema"/>
    public SchemaShape GetOutputSchema(SchemaShape inputSchema) => QuestionSchema.GetOutputShape(inputSchema, _options.QuestionColumns, _options.ScoringColumns, _options.TopK);

    private LabelledTexts Read(IDataView data, string what, string parameter) => QuestionReader.Read(_host, data, _options.QuestionColumns, _options.NullScoreThreshold is not null, what, parameter);
}
