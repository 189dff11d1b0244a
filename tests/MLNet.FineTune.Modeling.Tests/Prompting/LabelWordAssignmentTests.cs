using MLNet.FineTune.Prompting;

namespace MLNet.FineTune.Tests.Prompting;

[TestClass]
public sealed class LabelWordAssignmentTests
{
    [TestMethod]
    public void SmallOnesAreThoseOfBruteForce()
    {
        for (int seed = 0; seed < 60; seed++)
        {
            (float[][] scores, int[] labels, int[][] candidates, double[][] likelihoods) = Draw(seed, words: 9, classes: 2 + seed % 2, each: 5, rows: 12);
            int[] found = new LabelWordAssignment(scores, labels, candidates, likelihoods).Find();
            var best = All(candidates).Where(choice => choice.Distinct().Count() == choice.Length)
                .Select(choice => Rate(scores, labels, candidates, likelihoods, choice)).Max();
            Assert.AreEqual(best, Rate(scores, labels, candidates, likelihoods, found), $"seed {seed}");
        }
    }

    /// <summary>Too many to try: no change of a single word makes the choice better, and it is no worse than the likeliest words.</summary>
    [TestMethod]
    public void LargeOnesCannotBeImprovedByOneWord()
    {
        for (int seed = 0; seed < 5; seed++)
        {
            (float[][] scores, int[] labels, int[][] candidates, double[][] likelihoods) = Draw(seed, words: 150, classes: 6, each: 25, rows: 40);
            int[] found = new LabelWordAssignment(scores, labels, candidates, likelihoods).Find();
            var rating = Rate(scores, labels, candidates, likelihoods, found);
            Assert.AreEqual(6, found.Distinct().Count());
            for (int label = 0; label < found.Length; label++)
                foreach (int word in candidates[label].Where(word => !found.Contains(word)))
                {
                    int[] other = [.. found];
                    other[label] = word;
                    Assert.IsLessThanOrEqualTo(rating, Rate(scores, labels, candidates, likelihoods, other));
                }
            Assert.IsGreaterThan(labels.Length / 4, rating.Right);
        }
    }

    [TestMethod]
    public void OfEquallyRightOnesTheLikeliestIsTaken()
    {
        // Words 1 and 2 are right for both rows; 2 is likelier.
        float[][] scores = [[0, 5], [5, 0], [6, 0]];
        int[] found = new LabelWordAssignment(scores, [0, 1], [[1, 2], [0]], [[-3, -2], [-1]]).Find();
        CollectionAssert.AreEqual((int[])[2, 0], found);
    }

    [TestMethod]
    public void ClassesNeedDifferentWords()
    {
        float[][] scores = [[1], [2]];
        CollectionAssert.AreEqual((int[])[1, 0], new LabelWordAssignment(scores, [0], [[0, 1], [0]], [[0, -1], [0]]).Find());
        StringAssert.Contains(Assert.ThrowsExactly<InvalidOperationException>(() => new LabelWordAssignment(scores, [0], [[0], [0]], [[0], [0]]).Find()).Message, "not enough words");
    }

    private static (float[][] Scores, int[] Labels, int[][] Candidates, double[][] Likelihoods) Draw(int seed, int words, int classes, int each, int rows)
    {
        var random = new Random(seed);
        int[] labels = [.. Enumerable.Range(0, rows).Select(row => row % classes)];
        float[][] scores = [.. Enumerable.Range(0, words).Select(word => labels.Select(label => random.NextSingle() + (word % classes == label ? 0.5f : 0)).ToArray())];
        int[][] candidates = [.. Enumerable.Range(0, classes).Select(_ => Enumerable.Range(0, words).OrderBy(_ => random.Next()).Take(each).ToArray())];
        double[][] likelihoods = [.. candidates.Select(own => own.Select(_ => -(double)random.Next(8)).OrderDescending().ToArray())];
        return (scores, labels, candidates, likelihoods);
    }

    private static (int Right, double Likelihood) Rate(float[][] scores, int[] labels, int[][] candidates, double[][] likelihoods, int[] words) => (
        Enumerable.Range(0, labels.Length).Count(row => words.Where((_, label) => label != labels[row]).All(word => scores[word][row] < scores[words[labels[row]]][row])),
        words.Select((word, label) => likelihoods[label][Array.IndexOf(candidates[label], word)]).Sum());

    private static IEnumerable<int[]> All(int[][] candidates) =>
        candidates.Aggregate((IEnumerable<int[]>)[[]], (choices, own) => choices.SelectMany(choice => own.Select(word => (int[])[.. choice, word])));
}
