using System.Globalization;
using MLNet.FineTune.Encoders;
using MLNet.FineTune.Heads;
using MLNet.FineTune.Models;
using MLNet.FineTune.Runtime;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace MLNet.FineTune.Prompting;

/// <summary>Finds a word for each class that has none: by its name, else among the words that the encoder expects at the mask of its texts.</summary>
internal static class LabelWordSearch
{
    /// <summary>More labelled texts of a class than these say little more about its words.</summary>
    private const int RowsPerClass = 64;

    private const int RowsAtOnce = 32;

    /// <summary>The words of all classes.</summary>
    /// <param name="task">Options and names of the classes.</param>
    /// <param name="encoder">The encoder.</param>
    /// <param name="rows">The labelled texts, in the template.</param>
    /// <exception cref="ArgumentException">A word is given that is not a single token.</exception>
    public static Verbalizer Complete(FineTuneTask task, PretrainedEncoder encoder, EncodedTexts rows)
    {
        IReadOnlyList<string> names = Names(task);
        task.Prompt!.CheckClasses(names);
        var words = new IReadOnlyList<string>[task.ClassCount];
        var taken = new HashSet<int>();
        for (int label = 0; label < words.Length; label++)
            if (task.Prompt.LabelWords?.GetValueOrDefault(names[label]) is { } given)
                words[label] = given;
        Verbalizer.Create(encoder.Tokenizer, encoder.LowerCase, [.. names.Where((_, label) => words[label] is not null)], [.. words.Where(own => own is not null)])
            .Ids.SelectMany(ids => ids).ToList().ForEach(id => taken.Add(id));
        for (int label = 0; label < words.Length && task.ClassNames is not null; label++)
            if (words[label] is null && names[label].Any(char.IsLetter) && Verbalizer.Find(encoder.Tokenizer, encoder.LowerCase, names[label]) is { } id && taken.Add(id))
                words[label] = [names[label]];
        if (words.Any(own => own is null))
            Search(task, encoder, rows, words, taken);
        task.Inform?.Invoke($"Label words: {string.Join("; ", words.Select((own, label) => $"{names[label]}: {string.Join(", ", own)}"))}.");
        return Verbalizer.Create(encoder.Tokenizer, encoder.LowerCase, names, words);
    }

    /// <summary>What the classes are called in options.</summary>
    public static IReadOnlyList<string> Names(FineTuneTask task) =>
        task.ClassKeys ?? task.ClassNames ?? [.. Enumerable.Range(1, task.ClassCount).Select(i => i.ToString(CultureInfo.InvariantCulture))];

    private static void Search(FineTuneTask task, PretrainedEncoder encoder, EncodedTexts rows, IReadOnlyList<string>[] words, HashSet<int> taken)
    {
        (string Word, int Id)[] vocabulary = [.. Words(encoder).Where(word => !taken.Contains(word.Id))];
        int[] chosen = [.. Enumerable.Range(0, rows.Count).GroupBy(row => rows.Labels[row]).SelectMany(group => group.Take(RowsPerClass)).Order()];
        int[] labels = [.. chosen.Select(row => rows.Labels[row])];

        manual_seed(task.Seed);
        using TaskModel model = encoder.CreateMaskedLanguageModel(task.Device, dropout: 0);
        model.Encoder.ComputeType = Hardware.ComputeType(task.Precision, task.Device);
        model.eval();
        var masks = new MaskScores(model, rows.Batches.Rows(chosen), encoder.Tokenizer.MaskId!.Value, task);

        double[][] likely = masks.Likelihoods(labels, words.Length, [.. vocabulary.Select(word => word.Id)]);
        var columns = new List<int[]>();
        var places = new Dictionary<int, int>();
        var candidates = new int[words.Length][];
        var likelihoods = new double[words.Length][];
        for (int label = 0; label < words.Length; label++)
        {
            if (words[label] is { } own)
            {
                (candidates[label], likelihoods[label]) = ([columns.Count], [0]);
                columns.Add([.. own.Select(word => Verbalizer.Find(encoder.Tokenizer, encoder.LowerCase, word)!.Value)]);
                continue;
            }
            int[] best = [.. Enumerable.Range(0, vocabulary.Length).OrderByDescending(word => likely[label][word]).ThenBy(word => word).Take(task.Prompt!.LabelWordCandidates)];
            foreach (int word in best)
                if (places.TryAdd(word, columns.Count))
                    columns.Add([vocabulary[word].Id]);
            (candidates[label], likelihoods[label]) = ([.. best.Select(word => places[word])], [.. best.Select(word => likely[label][word])]);
        }
        int[] found = new LabelWordAssignment(masks.Means(columns), labels, candidates, likelihoods).Find();
        Dictionary<int, string> byColumn = places.ToDictionary(place => place.Value, place => vocabulary[place.Key].Word);
        for (int label = 0; label < words.Length; label++)
            words[label] ??= [byColumn[found[label]]];
    }

    /// <summary>The words that are single tokens, of letters.</summary>
    private static IEnumerable<(string Word, int Id)> Words(PretrainedEncoder encoder) =>
        encoder.Tokenizer.WordStarts.Where(word => word.Text.Length > 1 && word.Text.All(char.IsLetter) && Verbalizer.Find(encoder.Tokenizer, encoder.LowerCase, word.Text) == word.Id).DistinctBy(word => word.Id);

    /// <summary>What a model predicts at the masks of some texts.</summary>
    private sealed class MaskScores
    {
        private readonly MaskedLanguageModelHead _head;
        private readonly Device _device;
        private readonly float[] _hidden;
        private readonly int _rows;
        private readonly int _width;

        public MaskScores(TaskModel model, TextBatches texts, int maskId, FineTuneTask task)
        {
            (_head, _device, _rows, _width) = ((MaskedLanguageModelHead)model.Head, task.Device, texts.Count, model.Encoder.Config.HiddenSize);
            _hidden = new float[_rows * _width];
            texts.Score(batch =>
            {
                using EncoderInput input = texts.Input(batch);
                return PromptHead.AtMask(model.Encoder.Forward(input), input, maskId);
            }, RowsAtOnce, _hidden, task.CheckAlive);
        }

        /// <summary>The sum over the texts of each class of the log-probabilities of words: [classes][words].</summary>
        public double[][] Likelihoods(int[] labels, int classCount, int[] words)
        {
            double[][] sums = [.. Enumerable.Range(0, classCount).Select(_ => new double[words.Length])];
            ForEach(words, logged: true, (row, values) =>
            {
                double[] own = sums[labels[row]];
                for (int i = 0; i < own.Length; i++)
                    own[i] += values[i];
            });
            return sums;
        }

        /// <summary>The mean of the logits of some words in each text: [sets][texts].</summary>
        /// <param name="sets">Sets of words.</param>
        public float[][] Means(List<int[]> sets)
        {
            float[][] means = [.. sets.Select(_ => new float[_rows])];
            ForEach([.. sets.SelectMany(words => words)], logged: false, (row, values) =>
            {
                int at = 0;
                for (int set = 0; set < means.Length; set++)
                    for (int i = 0; i < sets[set].Length; i++)
                        means[set][row] += values[at++] / sets[set].Length;
            });
            return means;
        }

        private delegate void Use(int row, ReadOnlySpan<float> values);

        private void ForEach(int[] words, bool logged, Use use)
        {
            using var frozen = no_grad();
            using var outer = NewDisposeScope();
            Tensor ids = tensor([.. words.Select(word => (long)word)], device: _device);
            for (int start = 0; start < _rows; start += RowsAtOnce)
            {
                using var scope = NewDisposeScope();
                int count = Math.Min(RowsAtOnce, _rows - start);
                Tensor logits = _head.Predict(tensor(_hidden[(start * _width)..((start + count) * _width)], [count, _width], device: _device));
                ReadOnlySpan<float> values = (logged ? functional.log_softmax(logits, dim: 1) : logits).index_select(1, ids).cpu().data<float>().ToArray();
                for (int row = 0; row < count; row++)
                    use(start + row, values.Slice(row * words.Length, words.Length));
            }
        }
    }
}
