using Microsoft.ML;
using Microsoft.ML.Runtime;
using MLNet.FineTune.FewShot;
using MLNet.FineTune.Models;
using MLNet.FineTune.Runtime;
using MLNet.FineTune.Trainers;

namespace MLNet.FineTune;

/// <summary>
/// Makes a binary classifier of texts without labels and a fitted classifier that teaches it, to have a smaller or quicker one that
/// predicts much the same (SetFit's distillation, Tunstall et al. 2022, "Efficient Few-Shot Learning Without Prompts", arXiv 2209.11055).
/// </summary>
/// <remarks>
/// <para><b>Input and output columns</b></para>
/// <list type="table">
/// <listheader><term>Column</term><description>Type and content</description></listheader>
/// <item><term>Sentence1, Sentence2</term><description>Text; rows without any are left out. The second one is optional.</description></item>
/// <item><term>Score</term><description><see cref="float"/>: log-odds of true.</description></item>
/// <item><term>Probability</term><description><see cref="float"/>: probability of true.</description></item>
/// <item><term>PredictedLabel</term><description>Boolean.</description></item>
/// </list>
/// </remarks>
public sealed class BinarySetFitDistillationTrainer : IEstimator<BinaryTextClassificationTransformer>
{
    private readonly IHost _host;
    private readonly Teacher _teacher;
    private readonly SetFitDistillationOptions _options;
    private readonly int _seed;

    internal BinarySetFitDistillationTrainer(IHostEnvironment environment, BinaryTextClassificationTransformer teacher, SetFitDistillationOptions options)
    {
        options.Validate();
        (_host, _teacher, _options) = (environment.Register(GetType().Name), new Teacher(teacher), options);
        _seed = _host.Rand.Next();
    }

    /// <summary>Trains a student of the teacher.</summary>
    /// <param name="input">Data with the text columns. A label is not read.</param>
    /// <returns>The student; dispose it when it is no longer used. It does not need the teacher.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or has the wrong type.</exception>
    /// <exception cref="InvalidOperationException">There is nothing to learn from, a label set has other classes than the teacher, the encoder would have to be downloaded first, or no usable libtorch or GPU was found.</exception>
    /// <exception cref="IOException">A file of the encoder is missing.</exception>
    /// <exception cref="InvalidDataException">A file of the encoder, or the checkpoint to resume from, is malformed.</exception>
    /// <exception cref="NotSupportedException">The teacher is of a kind that gives no embeddings.</exception>
    /// <exception cref="ObjectDisposedException">The teacher was disposed.</exception>
    /// <exception cref="TrainingDivergedException">Loss or gradients are not finite.</exception>
    /// <exception cref="OperationCanceledException">Training was cancelled, by the options' token or the context.</exception>
    public BinaryTextClassificationTransformer Fit(IDataView input)
    {
        TextClassifier classifier = new SetFitDistillation(_host, _teacher, _options, _seed, ClassificationTask.Binary).Fit(input);
        return classifier.HandTo(() => new BinaryTextClassificationTransformer(_host, classifier, _options.ScoringColumns));
    }

    /// <summary>The schema that the student's output will have for an input of the given schema.</summary>
    /// <param name="inputSchema">Schema of the data.</param>
    /// <returns>The input's columns and the output columns.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or has the wrong type.</exception>
    public SchemaShape GetOutputSchema(SchemaShape inputSchema) =>
        TextClassificationSchema.GetOutputShape(inputSchema, _teacher.Classes.Shape(_options.LabelColumnName), _options.TrainingColumns, _options.ScoringColumns, ClassificationTask.Binary);
}
