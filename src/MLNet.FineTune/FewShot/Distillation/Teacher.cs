using MLNet.FineTune.Contrastive;
using MLNet.FineTune.Models;
using MLNet.FineTune.Transformers;

namespace MLNet.FineTune.FewShot;

/// <summary>A fitted classifier that teaches another.</summary>
internal sealed class Teacher(TextClassificationTransformer model)
{
    public ClassLabels Classes => model.Labels;

    /// <summary>Its embeddings and probabilities of texts, and the class it predicts for each.</summary>
    /// <exception cref="NotSupportedException">The teacher gives no embeddings.</exception>
    /// <exception cref="ObjectDisposedException">The teacher was disposed.</exception>
    public (TeacherOutputs Outputs, int[] Predictions) Predict(IReadOnlyList<TextInput> inputs, Action checkAlive)
    {
        int classes = Classes.Count, width = 0;
        float[] embeddings = [], probabilities = new float[inputs.Count * classes];
        model.Classifier.Use(classifier =>
        {
            TextClassifier encoder = classifier as TextClassifier ?? throw new NotSupportedException($"A classifier of type {classifier.GetType().Name} gives no embeddings.");
            width = encoder.Dimension;
            embeddings = new float[inputs.Count * width];
            encoder.EmbedAndScore(inputs, embeddings, probabilities, checkAlive);
        });
        var predictions = new int[inputs.Count];
        for (int row = 0; row < predictions.Length; row++)
        {
            Span<float> scores = probabilities.AsSpan(row * classes, classes);
            Softmax.Apply(scores, scores);
            predictions[row] = Math.Max(0, Softmax.IndexOfLargest(scores));
        }
        return (new TeacherOutputs(embeddings, width, probabilities), predictions);
    }
}
